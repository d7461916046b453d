#!/bin/bash
# Starts MySQL on the pod's volume: on a clone that was made for it, otherwise on its data, otherwise on an empty data
# directory. The next start repairs an interruption at any point: a directory appears under its name only when complete.
set -euo pipefail

readonly options=/config/my.cnf
readonly volume=/var/lib/mysql
readonly data=$volume/data
readonly unfinished=$volume/unfinished
readonly temporary=$volume/tmp
# The folders that the controller clones into. With the second name, the logs of the replaced data are kept.
readonly cloned=$volume/cloned
readonly cloned_keep=$volume/cloned-keep-logs

# Each server of the set needs a unique id; the pod's ordinal is one.
ordinal=${HOSTNAME##*-}
if [[ ! $ordinal =~ ^[0-9]+$ ]]; then
  echo "start-mysql: the host name $HOSTNAME does not end in an ordinal; this script belongs in a StatefulSet" >&2
  exit 1
fi

rm -rf -- "$temporary"
mkdir -- "$temporary"

# MySQL removes this file when the clone is complete.
whole() {
  [[ -d $1 && ! -e $1/#clone/#status_in_progress && -e $1/ibdata1 ]]
}

keep_logs() {
  local kept
  kept=$volume/kept/$(date -u +%Y%m%dT%H%M%SZ)
  mkdir -p -- "$kept"
  find "$data" -maxdepth 1 \( -name 'binlog.*' -o -name 'relay.*' \) -exec mv -t "$kept" -- {} +
  echo "start-mysql: the binary and relay logs of the replaced data are kept in $kept"
}

if whole "$cloned_keep"; then
  if [[ -d $data ]]; then keep_logs; fi
  rm -rf -- "$data"
  mv -T -- "$cloned_keep" "$data"
elif whole "$cloned"; then
  rm -rf -- "$data"
  mv -T -- "$cloned" "$data"
fi
rm -rf -- "$cloned" "$cloned_keep"

if [[ ! -d $data ]]; then
  rm -rf -- "$unfinished"
  mysqld --defaults-file="$options" --initialize-insecure --datadir="$unfinished"
  sync
  mv -T -- "$unfinished" "$data"
  sync
fi

# For check-mysql.sh. Recorded before the server reads the certificate: in doubt, the server reads it once more.
readlink /tls/..data >/run/mysqld/tls-read

# The accounts' passwords are in the init file, which runs at every start before the first connection is accepted.
exec mysqld --defaults-file="$options" --server-id=$((ordinal + 1)) --init-file=/init/init.sql
