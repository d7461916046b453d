#!/bin/sh
# Beside a MySQL server: copies its closed binary logs outside, encrypted. It never ends and never fails, because the
# server must not become unready for it; what does not succeed is said and tried again.
# `ship-binlogs.sh alive` says whether it still goes on.
set -u

data=${DATA:-/var/lib/mysql/data}
scripts=${SCRIPTS:-/scripts}
interval=${INTERVAL_SECONDS:-60}
sent=${SENT:-/tmp/sent}
rounds=${ROUNDS:-0} # 0: for ever
# shellcheck source=/dev/null
. "$scripts/outside.sh"

# No copy of one file takes so long, unless it hangs.
if [ "${1:-}" = alive ]; then
  [ -n "$(find "$sent.round" -mmin -30)" ]
  exit
fi

# All that the server lists but the last, which it still writes to.
closed_logs() {
  sed '$d' "$data/binlog.index"
}

# A server that was cloned anew starts counting its files again: the time of a file's last change makes its name unique.
remote_name() {
  echo "${1##*/}.$(stat -c %Y "$data/${1##*/}")"
}

ship() {
  server=$(sed -n 's/^server-uuid=//p' "$data/auto.cnf") || return 1
  [ -n "$server" ] || return 1
  # Asked once, and again after the server got another identity.
  if [ "$(head -n 1 "$sent" 2>/dev/null)" != "$server" ]; then
    listed=$(outside lsf --files-only "outside:binlogs/$server" 2>/dev/null) || listed=''
    printf '%s\n%s\n' "$server" "$listed" >"$sent"
  fi
  for log in $(closed_logs); do
    [ -e "$data/${log##*/}" ] || continue # expired meanwhile
    : >"$sent.round"
    name=$(remote_name "$log")
    grep -qxF "$name" "$sent" && continue
    outside copyto "$data/${log##*/}" "outside:binlogs/$server/$name" || return 1
    echo "$name" >>"$sent"
    echo "binlogs: copied $name"
  done
  date -u +%Y-%m-%dT%H:%M:%SZ >"$sent.at"
  outside copyto "$sent.at" "outside:binlogs/$server/copied-at"
}

: >"$sent.round"
until write_rclone_configuration; do
  echo "binlogs: the credentials are not there yet" >&2
  : >"$sent.round"
  sleep "$interval"
done
round=0
while :; do
  : >"$sent.round"
  if [ ! -e "$data/binlog.index" ] || [ ! -e "$data/auto.cnf" ]; then
    echo "binlogs: the server has no binary log yet"
  elif ! ship; then
    echo "binlogs: not copied this time; trying again in $interval s" >&2
  fi
  round=$((round + 1))
  [ "$round" != "$rounds" ] || exit 0
  sleep "$interval"
done
