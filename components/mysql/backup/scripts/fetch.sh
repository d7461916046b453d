#!/bin/sh
# Brings a backup and the binary logs since then to where they are proven or restored from: the newest one, or the
# newest before a moment, out of the copy outside where there is one. What is wrong goes to the list of faults, so that
# the last step can report it together with the others.
set -eu

work=/work
store=/backups
scripts=/scripts
place=${PLACE:?} # outside or volume
until=${UNTIL_NAME:-} # the moment in the form of a backup's name
deadline=${BACKUP_DEADLINE_SECONDS:?}
# shellcheck source=/dev/null
. "$scripts/outside.sh"

fault() {
  echo "fetch: $*" >&2
  echo "$*" >>"$work/faults"
  exit 0
}

seconds() {
  date -u -d "$(echo "$1" | sed -E 's/^(....)(..)(..)T(..)(..)(..)Z$/\1-\2-\3 \4:\5:\6/')" +%s
}

mkdir -p "$work/backup" "$work/binlogs"
: >"$work/faults"
if [ "$place" = outside ]; then
  write_rclone_configuration
  from=outside:backups
else
  from=$store
fi

files=$(outside lsf --files-only --recursive --max-depth 2 --exclude '.*/**' "$from" 2>"$work/rclone.err") ||
  fault "the backups ($place) cannot be listed: $(tail -n 1 "$work/rclone.err")"
all=$(echo "$files" | sed -nE 's#^([0-9]{8}T[0-9]{6}Z)/.*#\1#p' | sort -ru)
whole=$(echo "$files" | sed -nE 's#^([0-9]{8}T[0-9]{6}Z)/manifest\.json$#\1#p' | sort -r)
[ -n "$whole" ] || fault "there is no backup ($place)"

newest=$(echo "$all" | head -n 1)
if ! echo "$whole" | grep -qx "$newest" && [ $(($(date +%s) - $(seconds "$newest"))) -gt "$deadline" ]; then
  # Younger than that, it may be on its way.
  fault "the newest backup, $newest ($place), has no manifest: it is not whole"
fi
chosen=$(echo "$whole" | awk -v until="$until" 'until == "" || $0 < until { print; exit }')
[ -n "$chosen" ] || fault "there is no backup ($place) from before $until; the oldest is $(echo "$whole" | tail -n 1)"

outside copy "$from/$chosen" "$work/backup" 2>"$work/rclone.err" ||
  fault "the backup $chosen ($place) cannot be read; was it altered? $(tail -n 1 "$work/rclone.err")"
echo "$chosen" >"$work/chosen"
echo "fetch: backup $chosen ($place)"

if [ "$place" = outside ]; then
  # What was closed before the backup is in it. An hour more, as clocks differ.
  since=$(date -u -d "@$(($(seconds "$chosen") - 3600))" +%Y-%m-%dT%H:%M:%SZ)
  outside copy outside:binlogs "$work/binlogs" --max-age "$since" 2>"$work/rclone.err" ||
    grep -q 'directory not found' "$work/rclone.err" ||
    fault "the binary logs cannot be read: $(tail -n 1 "$work/rclone.err")"
  echo "fetch: $(find "$work/binlogs" -type f ! -name copied-at | wc -l) binary logs since $since"
fi
