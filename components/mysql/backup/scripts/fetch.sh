#!/bin/sh
# Copies the backup that was chosen, and the later binary logs, to the folder from which the next steps verify or restore. Faults
# go to a list, so that the last step can report all of them together.
# shellcheck disable=SC2154
set -eu

files=${FILES:-} # of the backup; all, and the binary logs, if none are named
# shellcheck source=/dev/null
. /scripts/place.sh

fault() {
  echo "fetch: $*" >&2
  echo "$*" >>"$work/faults"
  exit 0
}

if [ -s "$work/faults" ]; then
  echo "fetch: nothing to fetch: there are faults already"
  exit 0
fi
mkdir -p "$work/backup" "$work/binlogs"
chosen=$(cat "$work/chosen")
set --
for file in $files; do
  set -- "$@" --include "/$file"
done
outside copy "$from/$chosen" "$work/backup" "$@" 2>"$work/rclone.err" ||
  fault "the backup $chosen ($named) cannot be read; was it altered? $(tail -n 1 "$work/rclone.err")"
echo "fetch: backup $chosen ($named)"

if [ -z "$files" ] && [ -s "$work/logs-since" ]; then
  since=$(cat "$work/logs-since")
  outside copy outside:binlogs "$work/binlogs" --use-server-modtime --max-age "$since" 2>"$work/rclone.err" ||
    grep -q 'directory not found' "$work/rclone.err" ||
    fault "the binary logs cannot be read: $(tail -n 1 "$work/rclone.err")"
  echo "fetch: $(find "$work/binlogs" -type f ! -name copied-at | wc -l) binary logs since $since"
fi
