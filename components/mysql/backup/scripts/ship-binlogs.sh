#!/bin/sh
# Beside a MySQL server: copies its closed binary logs outside, encrypted. It never ends and never fails, because the
# server must not become unready for it; what does not succeed is said and tried again.
# `ship-binlogs.sh alive` says whether it still goes on.
set -u

data=/var/lib/mysql/data
scripts=/scripts
interval=${INTERVAL_SECONDS:?}
sent=/tmp/sent
# shellcheck source=/dev/null
. "$scripts/outside.sh"

# No copy of one file takes so long, unless it hangs.
if [ "${1:-}" = alive ]; then
  [ -n "$(find "$sent.round" -mmin -30)" ]
  exit
fi

# The logs that the server has closed, all but the last of its list, each with the time of its last change: a server that
# starts counting its files again does not overwrite what is outside. In one go, as there may be thousands.
closed_logs() {
  sed '$d; s#.*/##' "$data/binlog.index" | (cd "$data" && xargs stat -c '%n.%Y' 2>/dev/null)
}

unsent_logs() {
  closed_logs | awk 'NR == FNR { sent[$0]; next } !($0 in sent)' "$sent" -
}

ship() {
  server=$(sed -n 's/^server-uuid=//p' "$data/auto.cnf") || return 1
  [ -n "$server" ] || return 1
  # Without it nobody could tell what a cloned server's logs go on from. The start's probe notes it.
  if ! purged=$(grep "^$server" "$data/purged-at-start" 2>/dev/null); then
    echo "binlogs: the server has not answered since it started" >&2
    return 1
  fi
  # Anew each time, because the store's access key may have changed.
  write_rclone_configuration || return 1
  # Asked once, and again after the server got another identity.
  if [ "$(head -n 1 "$sent" 2>/dev/null)" != "$server" ]; then
    listed=$(outside lsf --files-only "outside:binlogs/$server" 2>/dev/null) || listed=''
    printf '%s\n%s\n' "$server" "$listed" >"$sent"
  fi
  for name in $(unsent_logs); do
    : >"$sent.round"
    outside copyto "$data/${name%.*}" "outside:binlogs/$server/$name" || return 1
    echo "$name" >>"$sent"
    echo "binlogs: copied $name"
  done
  {
    date -u +%Y-%m-%dT%H:%M:%SZ
    echo "${purged#"$server"}" | tr -d ' '
  } >"$sent.at"
  outside copyto "$sent.at" "outside:binlogs/$server/copied-at"
}

# The server has ended by then; a shell that is the first process of its container ignores signals it has no trap for.
trap 'exit 0' TERM
while :; do
  : >"$sent.round"
  if [ ! -e "$data/binlog.index" ] || [ ! -e "$data/auto.cnf" ]; then
    echo "binlogs: the server has no binary log yet"
  elif ! ship; then
    echo "binlogs: not copied this time; trying again in $interval s" >&2
  fi
  sleep "$interval" &
  wait $!
done
