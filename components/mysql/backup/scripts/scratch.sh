#!/bin/bash
# Sourced by prove.sh and load.sh: a MySQL server that nobody else can reach, for data that may be thrown away.
# They set `work`, the folder for everything.
# shellcheck shell=bash disable=SC2119,SC2154

# shellcheck source=/dev/null
. /scripts/counts.sh

readonly scratch_socket=$work/run/mysqld.sock
readonly start_seconds=300

# shellcheck disable=SC2120 # most pass no further options
scratch() {
  mysql --no-defaults --socket="$scratch_socket" --user=root --default-character-set=utf8mb4 --max-allowed-packet=1G --batch --skip-column-names --raw "$@"
}

# Its only purpose is to hold what was restored: it need not survive a crash, and logs nothing for others.
scratch_options=(
  --no-defaults
  --datadir="$work/data" --tmpdir="$work/tmp" --socket="$scratch_socket" --pid-file="$work/run/mysqld.pid"
  --skip-networking --loose-mysqlx=OFF --local-infile=OFF --secure-file-priv=NULL --event-scheduler=OFF
  --skip-log-bin --gtid-mode=ON --enforce-gtid-consistency=ON
  # Of no server in the logs that it applies: a server skips what it believes to be its own.
  --server-id=4294967295
  --relay-log=relay --relay-log-index=relay.index --skip-replica-start --relay-log-purge=OFF --relay-log-recovery=OFF
  # Of what waits to be applied, so much is read ahead; by default it is more than the memory that is left.
  --replica-pending-jobs-size-max=16M
  --character-set-server=utf8mb4 --collation-server=utf8mb4_0900_ai_ci --default-time-zone=+00:00
  --max-allowed-packet=1G --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF
  --innodb-buffer-pool-size="${BUFFER_POOL_MIB:?}M" --innodb-buffer-pool-instances=1 --performance-schema=OFF
)

# Accounts, and databases that are not saved, are in the logs and not here: statements about them are passed over.
for database in mysql ${EXCLUDED_DATABASES:-}; do
  scratch_options+=(--replicate-wild-ignore-table="$database.%")
done

make_scratch() {
  mkdir -p "$work/run" "$work/tmp"
  rm -rf -- "$work/data"
  mysqld "${scratch_options[@]}" --initialize-insecure >"$work/mysqld.log" 2>&1
}

start_scratch() {
  local deadline=$((SECONDS + start_seconds))
  mysqld "${scratch_options[@]}" >>"$work/mysqld.log" 2>&1 &
  scratch_pid=$!
  until scratch <<<'SELECT 1;' >/dev/null 2>&1; do
    kill -0 "$scratch_pid" 2>/dev/null || return 1
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

stop_scratch() {
  [[ -n ${scratch_pid:-} ]] || return 0
  scratch <<<'SHUTDOWN;' || kill "$scratch_pid" 2>/dev/null || true
  wait "$scratch_pid" || true
  scratch_pid=
}

# One JSON object a table, as the manifest has them.
scratch_counts() {
  scratch <<<"$(counting "TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')")" | scratch
}

# A stream of statements that makes what the scratch instance holds, elsewhere.
dump_scratch() {
  mysqldump --no-defaults --socket="$scratch_socket" --user=root --single-transaction --set-gtid-purged=OFF --routines --triggers --hex-blob --no-tablespaces --max-allowed-packet=1G "$@"
}
