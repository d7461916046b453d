#!/bin/sh
# Copies a backup and the later binary logs to the folder that the next steps verify or restore from. It is the newest
# backup, or the newest before a point in time; it comes from the object store if the stack has one. Faults go to a list, so
# that the last step can report all of them together.
set -eu

work=/work
store=/backups
scripts=/scripts
place=${PLACE:?} # outside or volume
until=${UNTIL_NAME:-} # the point in time, in the form of a backup's name
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
  from=outside:backups named='object store'
else
  from=$store named='backup volume'
fi

files=$(outside lsf --files-only --recursive --max-depth 2 --exclude '.*/**' "$from" 2>"$work/rclone.err") ||
  fault "the backups in the $named cannot be listed: $(tail -n 1 "$work/rclone.err")"
all=$(echo "$files" | sed -nE 's#^([0-9]{8}T[0-9]{6}Z)/.*#\1#p' | sort -ru)
whole=$(echo "$files" | sed -nE 's#^([0-9]{8}T[0-9]{6}Z)/manifest\.json$#\1#p' | sort -r)
[ -n "$whole" ] || fault "there is no backup in the $named"

newest=$(echo "$all" | head -n 1)
if ! echo "$whole" | grep -qx "$newest" && [ $(($(date +%s) - $(seconds "$newest"))) -gt "$deadline" ]; then
  # If it is younger than that, it may still be copied.
  fault "the newest backup, $newest ($named), has no manifest: it is incomplete"
fi
chosen=$(echo "$whole" | awk -v until="$until" 'until == "" || $0 < until { print; exit }')
[ -n "$chosen" ] || fault "there is no backup in the $named from before $until; the oldest is $(echo "$whole" | tail -n 1)"

outside copy "$from/$chosen" "$work/backup" 2>"$work/rclone.err" ||
  fault "the backup $chosen ($named) cannot be read; was it altered? $(tail -n 1 "$work/rclone.err")"
echo "$chosen" >"$work/chosen"
echo "fetch: backup $chosen ($named)"

if [ "$place" = outside ]; then
  # Logs that were closed before the backup are contained in it. One hour more, because clocks differ.
  since=$(date -u -d "@$(($(seconds "$chosen") - 3600))" +%Y-%m-%dT%H:%M:%SZ)
  outside copy outside:binlogs "$work/binlogs" --max-age "$since" 2>"$work/rclone.err" ||
    grep -q 'directory not found' "$work/rclone.err" ||
    fault "the binary logs cannot be read: $(tail -n 1 "$work/rclone.err")"
  echo "fetch: $(find "$work/binlogs" -type f ! -name copied-at | wc -l) binary logs since $since"
fi
