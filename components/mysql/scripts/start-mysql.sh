#!/bin/bash
# Starts MySQL on the pod's volume, after making an empty data directory when there is none.
# An interruption at any point is repaired by the next start: the directory appears under its name only when complete.
set -euo pipefail

readonly options=/config/my.cnf
readonly volume=/var/lib/mysql
readonly data=$volume/data
readonly unfinished=$volume/unfinished
readonly temporary=$volume/tmp

# Each server of the set needs an id of its own; the pod's ordinal is one.
ordinal=${HOSTNAME##*-}
if [[ ! $ordinal =~ ^[0-9]+$ ]]; then
  echo "start-mysql: the host name $HOSTNAME does not end in an ordinal; this script belongs in a StatefulSet" >&2
  exit 1
fi

rm -rf -- "$temporary"
mkdir -- "$temporary"

if [[ ! -d $data ]]; then
  rm -rf -- "$unfinished"
  mysqld --defaults-file="$options" --initialize-insecure --datadir="$unfinished"
  sync
  mv -T -- "$unfinished" "$data"
  sync
fi

# The accounts' passwords are in the init file, which runs at every start before the first connection is accepted.
exec mysqld --defaults-file="$options" --server-id=$((ordinal + 1)) --init-file=/init/init.sql
