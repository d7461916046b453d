#!/bin/sh
# Copies the backup that was just made to the object store and encrypts it, and those that an earlier run could not copy. Checks
# what arrived, and removes what the step before has listed as expired.
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

# The manifest is copied last: an off-site backup without it is incomplete, and the next run copies it again.
while IFS= read -r name; do
  outside copy "$store/$name" "outside:backups/$name" --exclude manifest.json </dev/null || fail "the backup $name was not copied off-site; it is on the backup volume, and the next run copies it too"
  outside cryptcheck "$store/$name" "outside:backups/$name" --exclude manifest.json --one-way </dev/null || fail "the off-site copy of $name differs from the backup volume"
  outside copy "$store/$name/manifest.json" "outside:backups/$name" </dev/null || fail "the manifest of $name was not copied off-site; the backup is on the backup volume, and the next run copies it too"
  echo "backup: copied $name off-site"
done <"$plan/names"

while IFS= read -r old; do
  if outside purge "outside:backups/$old" </dev/null; then
    echo "backup: removed $old from the object store"
  else
    echo "backup: $old was not removed from the object store" >&2
  fi
done <"$plan/expired"

before=$(cat "$plan/logs-before")
if [ -n "$before" ]; then
  outside delete outside:binlogs --use-server-modtime --min-age "$before" || echo "backup: old binary logs were not removed from the object store" >&2
fi
{
  echo "backup: $(head -n 1 "$plan/names") is complete, on the backup volume and in the object store"
  cat "$plan/warning"
} | tee "$message"
