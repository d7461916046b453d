#!/bin/sh
# Copies the newest backup to the object store and encrypts it, checks what arrived, and applies the same retention there.
set -eu

store=/backups
scripts=/scripts
message=/dev/termination-log
# shellcheck source=/dev/null
. "$scripts/outside.sh"

fail() {
  echo "backup: failed: $*" >&2
  exit 1
}

names() {
  grep -E '^[0-9]{8}T[0-9]{6}Z/?$' | tr -d / | sort
}

write_rclone_configuration
newest=$(cd "$store" && find . -mindepth 1 -maxdepth 1 -type d | sed 's#^\./##' | names | tail -n 1)
[ -n "$newest" ] || fail "there is no backup to copy"

# The manifest is copied last: an off-site backup without it is incomplete.
outside copy "$store/$newest" "outside:backups/$newest" --exclude manifest.json || fail "the backup $newest was not copied off-site; it is on the backup volume"
outside copy "$store/$newest/manifest.json" "outside:backups/$newest" || fail "the manifest of $newest was not copied off-site; the backup is on the backup volume"
outside cryptcheck "$store/$newest" "outside:backups/$newest" --one-way || fail "the off-site copy of $newest differs from the backup volume"

verified=$(cat "$store/last-verified" 2>/dev/null || true)
present=$(outside lsf --dirs-only outside:backups | names)
for old in $(echo "$present" | sh "$scripts/expired.sh" "$KEEP_COUNT" "$KEEP_DAYS" "$verified"); do
  outside purge "outside:backups/$old"
  echo "backup: removed $old from the object store"
done

# No backup needs binary logs that were closed before the oldest backup that is kept. One day more, because clocks differ.
oldest=$(outside lsf --dirs-only outside:backups | names | head -n 1)
day=$(echo "$oldest" | sed -E 's/^(....)(..)(..)T(..)(..)(..)Z$/\1-\2-\3 \4:\5:\6/')
before=$(date -u -d "@$(($(date -u -d "$day" +%s) - 86400))" +%Y-%m-%dT%H:%M:%SZ)
outside delete outside:binlogs --min-age "$before" || echo "backup: old binary logs were not removed from the object store" >&2
echo "backup: $newest is complete, on the backup volume and in the object store ($(echo "$present" | grep -c .) backups there)" | tee "$message"
