#!/bin/bash
# Sourced by prove.sh and load.sh: the scratch instance, a temporary MySQL server that no other process can reach.
# These scripts set `work`, the folder for everything.
# shellcheck shell=bash disable=SC2119,SC2154

readonly scratch_socket=$work/run/mysqld.sock
readonly start_seconds=300

# shellcheck disable=SC2120 # most calls pass no further options
scratch() {
  mysql --no-defaults --socket="$scratch_socket" --user=root --default-character-set=utf8mb4 --max-allowed-packet=1G --batch --skip-column-names --raw "$@"
}

# Its only purpose is to hold the restored data: it need not survive a crash, and writes no binary log.
scratch_options=(
  --no-defaults
  --datadir="$work/data" --tmpdir="$work/tmp" --socket="$scratch_socket" --pid-file="$work/run/mysqld.pid"
  --skip-networking --loose-mysqlx=OFF --local-infile=OFF --secure-file-priv=NULL --event-scheduler=OFF
  --skip-log-bin --gtid-mode=ON --enforce-gtid-consistency=ON
  # Not the id of any server in the logs that it applies: a server skips events that have its own id.
  --server-id=4294967295
  --relay-log=relay --relay-log-index=relay.index --skip-replica-start --relay-log-purge=OFF --relay-log-recovery=OFF
  # The limit for events that are read ahead and wait to be applied; the default is more than the memory that is left.
  --replica-pending-jobs-size-max=16M
  --character-set-server=utf8mb4 --collation-server=utf8mb4_0900_ai_ci --default-time-zone=+00:00
  --max-allowed-packet=1G --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF
  --innodb-buffer-pool-size="${BUFFER_POOL_MIB:?}M" --innodb-buffer-pool-instances=1 --performance-schema=OFF
)

# The logs also contain accounts and the rehearsals of restores, which are in no dump: statements about them are skipped.
for database in mysql "${REHEARSAL_DATABASE:?}"; do
  scratch_options+=(--replicate-wild-ignore-table="$database.%")
done

make_scratch() {
  mkdir -p "$work/run" "$work/tmp"
  rm -rf -- "$work/data"
  mysqld "${scratch_options[@]}" --initialize-insecure >"$work/mysqld.log" 2>&1
}

start_scratch() {
  local deadline=$((SECONDS + start_seconds))
  # The definers of views have no account here, and a view of such a view needs one. Statements about accounts, which the logs
  # contain, fail with error 1290 then.
  mysqld "${scratch_options[@]}" --skip-grant-tables --replica-skip-errors=1290 >>"$work/mysqld.log" 2>&1 &
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

# A stream of statements that creates the content of the scratch instance on another server.
dump_scratch() {
  mysqldump --no-defaults --socket="$scratch_socket" --user=root --single-transaction --set-gtid-purged=OFF --routines --triggers --hex-blob --no-tablespaces --max-allowed-packet=1G "$@"
}
