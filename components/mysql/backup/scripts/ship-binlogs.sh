#!/bin/sh
# Runs next to a MySQL server: copies its closed binary logs to the object store, encrypted. It never ends and never fails,
# because that would make the server unready; it logs each failure and tries again.
# `ship-binlogs.sh alive` checks if it still runs.
set -u

data=/var/lib/mysql/data
scripts=/scripts
interval=${INTERVAL_SECONDS:?}
sent=/tmp/sent
# When it has last copied everything, at the earliest when the pod started. The file outlasts the container.
complete=/tmp/complete
# How often it reports if nothing is new. Who reads that looks for a report in the last 150 s.
report_seconds=60
# shellcheck source=/dev/null
. "$scripts/outside.sh"

# A copy of one file takes this long only if it hangs.
if [ "${1:-}" = alive ]; then
  [ -n "$(find "$sent.round" -mmin -30)" ]
  exit
fi

# The logs that the server has closed: all except the last of its list, each with the time of its last change. So a server that
# numbers its files from the start again does not overwrite files in the object store. In one call, because there may be thousands.
closed_logs() {
  sed '$d; s#.*/##' "$data/binlog.index" | (cd "$data" && xargs stat -c '%n.%Y' 2>/dev/null)
}

unsent_logs() {
  closed_logs | awk 'NR == FNR { sent[$0]; next } !($0 in sent)' "$sent" -
}

ship() {
  server=$(sed -n 's/^server-uuid=//p' "$data/auto.cnf") || return 1
  [ -n "$server" ] || return 1
  # Without it, the transactions before a cloned server's first log would be unknown. The startup probe records it.
  if ! purged=$(grep "^$server" "$data/purged-at-start" 2>/dev/null); then
    echo "binlogs: the server has not answered since it started" >&2
    return 1
  fi
  # Written again each time, because the access key of the object store may have changed.
  write_rclone_configuration || return 1
  # Listed once, and again after the server's identity has changed.
  if [ "$(head -n 1 "$sent" 2>/dev/null)" != "$server" ]; then
    listed=$(outside lsf --files-only "outside:binlogs/$server" 2>/dev/null) || listed=''
    printf '%s\n%s\n' "$server" "$listed" >"$sent"
  fi
  failed=''
  for name in $(unsent_logs); do
    : >"$sent.round"
    # A file that cannot be read must not keep the later ones from being copied.
    if outside copyto "$data/${name%.*}" "outside:binlogs/$server/$name"; then
      echo "$name" >>"$sent"
      echo "binlogs: copied $name"
    else
      failed=$name
    fi
  done
  [ -z "$failed" ] || return 1
  {
    date -u +%Y-%m-%dT%H:%M:%SZ
    echo "${purged#"$server"}" | tr -d ' '
    hostname
  } >"$sent.at"
  outside copyto "$sent.at" "outside:binlogs/$server/copied-at"
}

# By the clock that only this machine has: the time since it started.
now() {
  read -r up _ </proc/uptime
  echo "${up%.*}"
}

# The controller and `ops mysql status` read this line.
report() {
  echo "binlogs: late by $(($(now) - $(cat "$complete"))) s"
}

note_complete() {
  now >"$complete.new" && mv "$complete.new" "$complete"
}

[ -s "$complete" ] || note_complete
# The machine has started again since then.
[ "$(cat "$complete")" -le "$(now)" ] || echo 0 >"$complete"
# However long a copy takes.
while :; do
  report
  sleep "$report_seconds" >/dev/null 2>&1
done &
reporter=$!
late=yes
# The server has ended by then. A shell that is the first process of its container ignores signals for which it has no trap.
trap 'kill "$reporter"; exit 0' TERM
while :; do
  : >"$sent.round"
  if [ ! -e "$data/binlog.index" ] || [ ! -e "$data/auto.cnf" ]; then
    echo "binlogs: the server has no binary log yet"
  elif ship; then
    note_complete
    if [ "$late" = yes ]; then report; fi
    late=no
  else
    echo "binlogs: not copied this time; trying again in $interval s" >&2
    report
    late=yes
  fi
  sleep "$interval" &
  wait $!
done
