#!/bin/bash
# Dumps the databases of a server, and counts their rows in the same snapshot. The step before has chosen the server and written
# every statement; the next step checks what this one writes, and completes the backup.
set -euo pipefail
# A query that fails inside $( ) must stop the script.
shopt -s inherit_errexit

readonly work=/work
readonly plan=$work/plan results=$work/results
readonly options=/credentials/client.cnf
server=$(<"$plan/server") folder=$(<"$plan/folder") agreement=$(<"$plan/agreement")
attempts=$(<"$plan/attempts") lock_seconds=$(<"$plan/lock-seconds")
readonly server folder agreement attempts lock_seconds

say() {
  echo "backup: $*"
}

fail() {
  echo "backup: failed: $*" >&2
  exit 1
}

client() {
  mysql --defaults-file="$options" --host="${server%:*}" --port="${server##*:}" --batch --skip-column-names --raw "$@"
}

# A second session in addition to mysqldump's. It reads from a pipe, because its snapshot must outlast single statements.
open_session() {
  rm -f -- "$work/statements" "$work/answers"
  mkfifo "$work/statements" "$work/answers"
  client --unbuffered <"$work/statements" >"$work/answers" 2>"$work/session.err" &
  session_pid=$!
  exec {session_in}>"$work/statements" {session_out}<"$work/answers"
}

close_session() {
  exec {session_in}>&- {session_out}<&-
  wait "$session_pid" 2>/dev/null || true
}

# Runs the statements of files in the session and sets `answer` to what they print. The client ends at the first error. The
# statements are written in the background while the loop reads: with thousands of tables, both pipes would otherwise be full
# and both sides would wait for each other.
query() {
  local statements line writer
  statements=$(cat -- "$@") || return 1
  answer=''
  { printf '%s\nSELECT "<end>";\n' "$statements" >&"$session_in"; } 2>/dev/null &
  writer=$!
  while IFS= read -r -u "$session_out" line; do
    if [[ $line == '<end>' ]]; then
      wait "$writer"
      return
    fi
    answer+=$line$'\n'
  done
  wait "$writer" || true
  return 1
}

ask() {
  query "$@" || fail "the session on $server ended: $(<"$work/session.err")"
}

# ask_into FILE STATEMENTS...: an answer as one of the step's results.
ask_into() {
  ask "${@:2}"
  printf '%s' "$answer" >"$1"
}

lock_and_open_snapshot() {
  local attempt
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    open_session
    if query "$plan/session.sql" "$plan/lock.sql"; then
      return
    fi
    say "no lock on $server at attempt $attempt of $attempts: $(<"$work/session.err")"
    close_session
    sleep "$lock_seconds"
  done
  fail "$server granted no read lock within $attempts attempts of $lock_seconds s; a long statement or transaction is running there"
}

read_position() {
  ask_into "$results/position" "$plan/position.sql"
}

list_databases() {
  ask_into "$results/databases" "$plan/databases.sql"
  ask_into "$results/broken-views" "$plan/broken-views.sql"
  ask_into "$results/leaving-out" "$plan/leaving-out.sql"
}

# Nothing commits while the lock is held: this session's snapshot, its transaction ids and mysqldump's snapshot agree.
agree_by_lock() {
  local locked_at
  lock_and_open_snapshot
  locked_at=${EPOCHREALTIME/./}
  read_position
  list_databases
  start_dump
  ask "$plan/unlock.sql"
  say "commits waited for $(((${EPOCHREALTIME/./} - locked_at) / 1000)) ms"
}

# A managed database does not grant that lock to anyone. If the server has the same transactions before the first snapshot
# and after the second, nothing was committed in between, and the snapshots agree.
agree_by_quiet() {
  local attempt
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    open_session
    ask "$plan/session.sql"
    read_position
    ask "$plan/snapshot.sql"
    list_databases
    start_dump
    ask "$plan/transactions.sql"
    if [[ $answer == "$(head -n 1 "$results/position")"$'\n' ]]; then return; fi
    say "something was committed meanwhile, at attempt $attempt of $attempts"
    stop_dump
    close_session
    sleep "0.$((RANDOM % 9 + 1))"
  done
  fail "$server commits without a pause: no two snapshots agreed within $attempts attempts"
}

# Reads the dump up to the line that shows that mysqldump's snapshot is open, and records that; the rest is piped through. The
# part that is read first becomes a separate zstd frame: decompressed, the frames are one text.
compress() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$results/header"
    if [[ $line == *'CHANGE REPLICATION SOURCE TO'* || $line == '-- Current Database: '* ]]; then
      break
    fi
  done
  : >"$work/open"
  zstd --quiet -1 <"$results/header"
  zstd --quiet -1
}

dump() {
  local -a arguments without databases
  mapfile -t arguments <"$plan/mysqldump-options"
  mapfile -t without <"$results/leaving-out"
  mapfile -t databases <"$results/databases"
  mysqldump --defaults-file="$options" --host="${server%:*}" --port="${server##*:}" "${arguments[@]}" "${without[@]}" --databases "${databases[@]}" |
    compress >"$folder/dump.sql.zst"
}

start_dump() {
  local deadline=$((SECONDS + 60))
  [[ -s $results/databases ]] || fail "$server has no database to back up"
  rm -f -- "$results/header" "$work/open"
  set -m # a separate process group, so that it can be stopped as a whole
  dump 2>"$work/dump.err" {session_in}>&- {session_out}<&- &
  dump_pid=$!
  set +m
  until [[ -e $work/open ]]; do
    kill -0 "$dump_pid" 2>/dev/null || fail "mysqldump ended before its snapshot was open: $(<"$work/dump.err")"
    ((SECONDS < deadline)) || fail "mysqldump had no snapshot after 60 s; nothing on $server waits for it now"
    sleep 0.02
  done
}

stop_dump() {
  kill -- "-$dump_pid" 2>/dev/null || true
  wait "$dump_pid" 2>/dev/null || true
}

# The first answer is one statement for each table.
count_rows() {
  ask_into "$work/counting.sql" "$plan/counts.sql"
  ask_into "$results/counts" "$work/counting.sql"
}

# The answer shows that a session has ended, not a signal.
trap '' PIPE
# A retry must have free space on the backup volume.
trap '[[ $? == 0 ]] || rm -rf -- "$folder"' EXIT
mkdir -p "$results"

say "dumping from $server, a $(<"$plan/role")"
"agree_by_$agreement"
count_rows
close_session
wait "$dump_pid" || fail "mysqldump: $(<"$work/dump.err")"
zstd --decompress --stdout --quiet "$folder/dump.sql.zst" | tail -n 1 >"$results/end" || fail "the dump cannot be decompressed"
say "dumped $(stat -c %s "$folder/dump.sql.zst") bytes"
