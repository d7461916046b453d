#!/bin/bash
# Restores a backup into a scratch instance, applies the binary logs of the plan, and records the result. It reports only
# whether that was possible; the next step compares the result with the manifest.
set -euo pipefail
shopt -s inherit_errexit
readonly work=/work
readonly results=$work/results plan=$work/plan
# shellcheck source=/dev/null
. /scripts/scratch.sh

say() {
  echo "prove: $*"
}

# A fault does not end the pod: the last step reports all faults together.
fault() {
  echo "prove: $*" >&2
  echo "$*" >>"$work/faults"
  stop_scratch
  exit 0
}

load_dump() {
  local started=$SECONDS end
  rm -f -- "$work/copy"
  mkfifo "$work/copy"
  tail -c 200 "$work/copy" >"$work/end" &
  end=$!
  # Only a server that must survive a crash needs a redo log.
  scratch <<<'ALTER INSTANCE DISABLE INNODB REDO_LOG;'
  if ! { zstd --decompress --stdout --quiet "$work/backup/dump.sql.zst" | tee "$work/copy" | scratch >/dev/null; } 2>"$work/load.err"; then
    fault "the backup cannot be loaded: $(tail -n 1 "$work/load.err")"
  fi
  wait "$end"
  [[ $(<"$work/end") == *$'\n-- Dump completed'* ]] || fault "the backup does not end with its last line: it is incomplete"
  scratch <<<'ALTER INSTANCE ENABLE INNODB REDO_LOG;'
  echo $((SECONDS - started)) >"$results/load-seconds"
}

# The transactions of the dump, by its manifest, and those that must not be applied are recorded as applied.
take_over_gtids() {
  scratch <<<"SET GLOBAL gtid_purged = '$(<"$plan/from")';"
  scratch <<<"SELECT REPLACE(@@GLOBAL.gtid_executed, '\n', '');" >"$results/gtids"
  [[ ! -s $plan/excluded ]] || scratch <<<"SET GLOBAL gtid_purged = '+$(<"$plan/excluded")';"
}

check_tables() {
  scratch <<<"SELECT CONCAT('CHECK TABLE \`', TABLE_SCHEMA, '\`.\`', REPLACE(TABLE_NAME, '\`', '\`\`'), '\`;')
    FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema');" | scratch >"$results/checks"
}

# The server reads other servers' binary logs as its own relay logs, and skips what it has. It looks for them when it
# starts.
place_relay_logs() {
  local file number=0
  [[ -s $plan/files ]] || return 0
  : >"$work/data/relay.index"
  while IFS= read -r file; do
    number=$((number + 1))
    mv -- "$file" "$work/data/$(printf 'relay.%06d' "$number")"
    printf './relay.%06d\n' "$number" >>"$work/data/relay.index"
  done <"$plan/files"
}

replica_status() {
  scratch --vertical --column-names <<<'SHOW REPLICA STATUS;' | sed -n "s/^ *$1: *//p"
}

replay() {
  local stop='' target
  target=$(<"$plan/target")
  [[ ! -s $plan/stop-before ]] || stop=" UNTIL SQL_BEFORE_GTIDS = '$(<"$plan/stop-before")'"
  scratch <<<"CHANGE REPLICATION SOURCE TO RELAY_LOG_FILE = 'relay.000001', RELAY_LOG_POS = 4, SOURCE_HOST = 'nowhere';
    START REPLICA SQL_THREAD$stop;"
  until [[ $(scratch <<<"SELECT GTID_SUBSET('$target', @@GLOBAL.gtid_executed);") == 1 ]]; do
    if [[ $(replica_status Replica_SQL_Running) != Yes && $(scratch <<<"SELECT GTID_SUBSET('$target', @@GLOBAL.gtid_executed);") != 1 ]]; then
      fault "the binary logs cannot be applied: $(replica_status Last_SQL_Error)"
    fi
    sleep 0.2
  done
  scratch <<<'STOP REPLICA;'
}

mkdir -p "$results"
if [[ -s $work/faults ]]; then
  say "nothing to verify: there are faults already"
  exit 0
fi
trap '[[ $? == 0 ]] || tail -n 20 "$work/mysqld.log" >&2' EXIT

make_scratch
place_relay_logs
start_scratch || fault "no scratch instance started: $(tail -n 1 "$work/mysqld.log")"
scratch <<<'SELECT VERSION();' >"$results/version"
load_dump
take_over_gtids
scratch_counts >"$results/counts"
if [[ -s $plan/files ]]; then
  replay
  scratch_counts >"$results/counts-after"
else
  cp -- "$results/counts" "$results/counts-after"
fi
check_tables
scratch <<<"SELECT REPLACE(@@GLOBAL.gtid_executed, '\n', '');" >"$results/gtids-after"
scratch <<<"SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'nacos' AND TABLE_NAME IN ('config_info', 'users', 'roles');" >"$results/nacos-tables"
if [[ $(<"$results/nacos-tables") == 3 ]]; then
  scratch <<<"SELECT COUNT(*) FROM nacos.users JOIN nacos.roles USING (username) WHERE role = 'ROLE_ADMIN' AND enabled;" >"$results/administrators"
fi
stop_scratch
say "loaded in $(<"$results/load-seconds") s"
