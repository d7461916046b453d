#!/bin/bash
# Makes a backup: a compressed dump of all databases, and a manifest with the row counts and the transaction ids of exactly
# the same snapshot. It appears under its name only when it is complete.
set -euo pipefail
# A query that fails inside $( ) must stop the script.
shopt -s inherit_errexit

# The servers, each host:port.
readonly servers=${MYSQL_SERVERS:?}
readonly excluded=${EXCLUDED_DATABASES:-}
readonly max_lag=${MAX_LAG_SECONDS:?}
# How the two snapshots of a backup become the same: `lock` blocks commits for a moment, `quiet` retries until no commit came between.
readonly agreement=${AGREEMENT:?}
readonly keep_count=${KEEP_COUNT:?} keep_days=${KEEP_DAYS:?}
readonly options=/credentials/client.cnf
readonly store=/backups
readonly scripts=/scripts
readonly message=/dev/termination-log
# shellcheck source=/dev/null
. "$scripts/counts.sh"
# The wait for a long statement must end soon, because every later statement waits behind this script.
readonly lock_seconds=5 attempts=12
readonly quiet_attempts=100

say() {
  echo "backup: $*"
}

fail() {
  echo "backup: failed: $*" >&2
  exit 1
}

client() {
  mysql --defaults-file="$options" --host="${1%:*}" --port="${1##*:}" --batch --skip-column-names --raw "${@:2}"
}

# Sets `chosen` and `role`: the replica that lags least, or the primary if no replica is suitable.
choose_server() {
  local server status lag least='' primary=''
  for server in $servers; do
    if ! status=$(client "$server" --vertical --column-names 2>&1 <<<'SELECT @@GLOBAL.super_read_only AS read_only; SHOW REPLICA STATUS;'); then
      say "$server does not answer: $status"
      continue
    fi
    if [[ $status != *Replica_SQL_Running:* ]]; then
      if [[ $status == *'read_only: 0'* ]]; then primary=$server; else say "$server is read-only and no replica: skipped"; fi
      continue
    fi
    lag=$(sed -n 's/^ *Seconds_Behind_Source: *//p' <<<"$status")
    if [[ $status != *'Replica_IO_Running: Yes'* || $status != *'Replica_SQL_Running: Yes'* ]]; then
      say "$server is a replica whose replication does not run: skipped"
    elif [[ ! $lag =~ ^[0-9]+$ ]] || ((lag > max_lag)); then
      say "$server lags by $lag s, more than $max_lag s: skipped"
    elif [[ -z $least ]] || ((lag < least)); then
      least=$lag chosen=$server role=replica
    fi
  done
  if [[ -z ${chosen:-} && -n $primary ]]; then
    chosen=$primary role=primary
  fi
  [[ -n ${chosen:-} ]] || fail "no server is fit for a backup (asked: $servers)"
}

# A second session in addition to mysqldump's. It is a coprocess, because its snapshot must outlast single statements.
open_session() {
  coproc SESSION { client "$chosen" --unbuffered 2>"$work/session.err"; }
  session_in=${SESSION[1]} session_out=${SESSION[0]} session_pid=$!
}

close_session() {
  exec {session_in}>&-
  wait "$session_pid" 2>/dev/null || true
}

# Runs statements in the session and sets `answer` to what they print. The client ends at the first error.
query() {
  local line
  answer=''
  { printf '%s\nSELECT "<end>";\n' "$1" >&"$session_in"; } 2>/dev/null || return 1
  while IFS= read -r -u "$session_out" line; do
    [[ $line != '<end>' ]] || return 0
    answer+=$line$'\n'
  done
  return 1
}

ask() {
  query "$1" || fail "the session on $chosen ended: $(<"$work/session.err")"
}

lock_and_open_snapshot() {
  local attempt
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    open_session
    if query "SET SESSION lock_wait_timeout = $lock_seconds;
              SET SESSION wait_timeout = 86400;
              SET SESSION time_zone = '+00:00';
              SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
              FLUSH LOCAL TABLES;
              FLUSH TABLES WITH READ LOCK;
              START TRANSACTION WITH CONSISTENT SNAPSHOT;"; then
      return
    fi
    say "no lock on $chosen at attempt $attempt of $attempts: $(<"$work/session.err")"
    close_session
    sleep "$lock_seconds"
  done
  fail "$chosen granted no read lock within $attempts attempts of $lock_seconds s; a long statement or transaction is running there"
}

# The transactions that the server has, the name of the backup, and the server's identity.
read_position() {
  ask "SELECT REPLACE(@@GLOBAL.gtid_executed, '\n', ''); SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y%m%dT%H%i%SZ'); SELECT @@GLOBAL.server_uuid; SELECT @@GLOBAL.version;"
  { read -r gtids && read -r name && read -r uuid && read -r version; } <<<"$answer"
}

# Nothing commits while the lock is held: this session's snapshot, its transaction ids and mysqldump's snapshot agree.
agree_by_lock() {
  local locked_at
  lock_and_open_snapshot
  locked_at=${EPOCHREALTIME/./}
  read_position
  list_databases
  start_dump
  ask "UNLOCK TABLES;"
  say "commits waited for $(((${EPOCHREALTIME/./} - locked_at) / 1000)) ms"
}

# A managed database does not grant that lock to anyone. If the server has the same transactions before the first snapshot
# and after the second, nothing was committed in between, and the snapshots agree.
agree_by_quiet() {
  local attempt
  for ((attempt = 1; attempt <= quiet_attempts; attempt++)); do
    open_session
    ask "SET SESSION wait_timeout = 86400; SET SESSION time_zone = '+00:00'; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
    read_position
    ask "START TRANSACTION WITH CONSISTENT SNAPSHOT;"
    list_databases
    start_dump
    ask "SELECT REPLACE(@@GLOBAL.gtid_executed, '\n', '');"
    if [[ ${answer%$'\n'} == "$gtids" ]]; then return; fi
    say "something was committed meanwhile, at attempt $attempt of $quiet_attempts"
    stop_dump
    close_session
    sleep "0.$((RANDOM % 9 + 1))"
  done
  fail "$chosen commits without a pause: no two snapshots agreed within $quiet_attempts attempts"
}

# Reads the dump up to the line that shows that mysqldump's snapshot is open, and records that; the rest is piped through. The
# part that is read first becomes a separate zstd frame: decompressed, the frames are one text.
compress() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$work/header"
    if [[ $line == *'CHANGE REPLICATION SOURCE TO'* || $line == '-- Current Database: '* ]]; then
      break
    fi
  done
  : >"$work/open"
  zstd --quiet -1 <"$work/header"
  zstd --quiet -1
}

dump() {
  local -a position=(--source-data=2 --set-gtid-purged=COMMENTED)
  if [[ $agreement == quiet ]]; then position=(--set-gtid-purged=OFF); fi
  # shellcheck disable=SC2086 # names that the server listed, one word each; names with blanks are refused below
  mysqldump --defaults-file="$options" --host="${chosen%:*}" --port="${chosen##*:}" \
    --single-transaction "${position[@]}" --routines --triggers --events --hex-blob \
    --no-tablespaces --max-allowed-packet=1G --databases $databases |
    compress >"$work/dump.sql.zst"
}

# What mysqldump wrote as the transactions that its snapshot holds, on one line.
dumped_gtids() {
  sed -n '/GTID_PURGED=/,/;/p' "$work/header" | tr -d ' \n' | sed "s/.*GTID_PURGED=//;s#/\\*!80000'+'\\*/##;s/;.*//;s/['+]//g"
}

start_dump() {
  local deadline=$((SECONDS + 60))
  rm -f -- "$work"/{header,open}
  set -m # a separate process group, so that it can be stopped as a whole
  dump 2>"$work/dump.err" &
  dump_pid=$!
  set +m
  until [[ -e $work/open ]]; do
    kill -0 "$dump_pid" 2>/dev/null || fail "mysqldump ended before its snapshot was open: $(<"$work/dump.err")"
    ((SECONDS < deadline)) || fail "mysqldump had no snapshot after 60 s; nothing on $chosen waits for it now"
    sleep 0.02
  done
}

stop_dump() {
  kill -- "-$dump_pid" 2>/dev/null || true
  wait "$dump_pid" 2>/dev/null || true
}

list_databases() {
  local quoted="'mysql', 'information_schema', 'performance_schema', 'sys'" name
  for name in $excluded; do quoted+=", '$name'"; done
  ask "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ($quoted) ORDER BY SCHEMA_NAME;"
  databases=$(tr '\n' ' ' <<<"${answer%$'\n'}")
  [[ -n ${databases// /} ]] || fail "$chosen has no database to back up"
  [[ $databases =~ ^[A-Za-z0-9_\$\ -]+$ ]] || fail "a database's name has other characters than letters, digits, _, \$ and -: $databases"
}

count_rows() {
  local list="'${databases% }'" statements
  ask "$(counting "TABLE_SCHEMA IN (${list// /\', \'})")"
  statements=$answer
  ask "$statements"
  counts=${answer%$'\n'}
}

write_manifest() {
  local bytes checksum json_databases
  bytes=$(stat -c %s "$work/dump.sql.zst")
  checksum=$(sha256sum <"$work/dump.sql.zst")
  json_databases="\"${databases% }\""
  {
    printf '{\n"format": 1,\n"name": "%s",\n' "$name"
    printf '"server": {"host": "%s", "uuid": "%s", "version": "%s", "role": "%s"},\n' "${chosen%:*}" "$uuid" "$version" "$role"
    printf '"startedAt": "%s",\n"finishedAt": "%s",\n' "$started" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    printf '"gtidExecuted": "%s",\n' "$gtids"
    printf '"databases": [%s],\n' "${json_databases// /\", \"}"
    printf '"tables": [\n%s\n],\n' "$(sed '$!s/$/,/' <<<"$counts")"
    printf '"dump": {"bytes": %s, "sha256": "%s"}\n}\n' "$bytes" "${checksum%% *}"
  } >"$work/manifest.json"
}

remove_old() {
  local old list verified=''
  [[ ! -e $store/last-verified ]] || verified=$(<"$store/last-verified")
  # Leftovers of runs that were killed, and backups that retention no longer keeps.
  find "$store" -mindepth 1 -maxdepth 1 -name '.unfinished-*' -mmin "+${DEADLINE_MINUTES:?}" -exec rm -rf {} +
  list=$(find "$store" -mindepth 1 -maxdepth 1 -type d -name '2*Z' -printf '%f\n' | bash "$scripts/expired.sh" "$keep_count" "$keep_days" "$verified")
  for old in $list; do
    rm -rf -- "${store:?}/$old"
    say "removed $old"
  done
}

# The answer shows that a session has ended, not a signal.
trap '' PIPE
# Before the dump as well: otherwise a full volume would never have free space again.
remove_old
work=$store/.unfinished-${HOSTNAME:-backup}-$$
mkdir -- "$work"
trap 'rm -rf -- "$work"' EXIT
started=$(date -u +%Y-%m-%dT%H:%M:%SZ)

choose_server
say "dumping from $chosen, a $role"
"agree_by_$agreement"
count_rows
close_session

wait "$dump_pid" || fail "mysqldump: $(<"$work/dump.err")"
[[ $(zstd --decompress --stdout --quiet "$work/dump.sql.zst" | tail -n 1) == '-- Dump completed'* ]] || fail "the dump does not end with its last line"
[[ $agreement != lock || $(dumped_gtids) == "$gtids" ]] || fail "the dump holds the transactions $(dumped_gtids), the row counts were taken at $gtids"
write_manifest
rm -f -- "$work"/{header,open,dump.err,session.err}
[[ ! -e $store/$name ]] || fail "there is a backup $name already"
sync -f "$work/manifest.json"
mv -T -- "$work" "$store/$name"
sync -f "$store"
remove_old
say "$name is complete: $(wc -l <<<"$counts") tables, $(stat -c %s "$store/$name/dump.sql.zst") bytes, from $chosen" | tee "$message"
