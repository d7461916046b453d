#!/bin/sh
# Lists the files of all backups, in the object store if the stack has one. Faults go to a list, so that the last step can report
# all of them together.
# shellcheck disable=SC2154
set -eu

# shellcheck source=/dev/null
. /scripts/place.sh

: >"$work/faults"
rm -f -- "$work/listing"
if outside lsf --files-only --recursive --max-depth 2 --exclude '.*/**' "$from" >"$work/listing.new" 2>"$work/rclone.err"; then
  mv -- "$work/listing.new" "$work/listing"
else
  echo "the backups in the $named cannot be listed: $(tail -n 1 "$work/rclone.err")" | tee -a "$work/faults" >&2
fi
