#!/bin/sh
# Copies the backup that was just made to the object store and encrypts it, checks what arrived, and removes what the step before
# has listed as expired.
set -eu

store=/backups
scripts=/scripts
plan=/work/copy
message=/dev/termination-log
# shellcheck source=/dev/null
. "$scripts/outside.sh"

fail() {
  echo "backup: failed: $*" >&2
  exit 1
}

write_rclone_configuration
newest=$(cat "$plan/name")

# The manifest is copied last: an off-site backup without it is incomplete.
outside copy "$store/$newest" "outside:backups/$newest" --exclude manifest.json || fail "the backup $newest was not copied off-site; it is on the backup volume"
outside copy "$store/$newest/manifest.json" "outside:backups/$newest" || fail "the manifest of $newest was not copied off-site; the backup is on the backup volume"
outside cryptcheck "$store/$newest" "outside:backups/$newest" --one-way || fail "the off-site copy of $newest differs from the backup volume"

while IFS= read -r old; do
  outside purge "outside:backups/$old" </dev/null
  echo "backup: removed $old from the object store"
done <"$plan/expired"

before=$(cat "$plan/logs-before")
if [ -n "$before" ]; then
  outside delete outside:binlogs --min-age "$before" || echo "backup: old binary logs were not removed from the object store" >&2
fi
present=$(outside lsf --dirs-only outside:backups | grep -c .) || true
{
  echo "backup: $newest is complete, on the backup volume and in the object store ($present backups there)"
  cat "$plan/warning"
} | tee "$message"
