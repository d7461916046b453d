#!/bin/bash
# Restores a backup into a scratch instance, applies the binary logs of the plan, and records the result. The step before has
# written every statement. This one reports only whether that was possible; the next compares the result with the manifest.
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

# run NAME: the statements that the plan has under this name.
run() {
  scratch <"$plan/$1.sql"
}

# One JSON object per table, as in the manifest. The first answer is one statement for each table.
count_rows() {
  run counts | scratch
}

load_dump() {
  local started=$SECONDS end
  rm -f -- "$work/copy"
  mkfifo "$work/copy"
  tail -c 200 "$work/copy" >"$work/end" &
  end=$!
  run before-load
  if ! { zstd --decompress --stdout --quiet "$work/backup/dump.sql.zst" | tee "$work/copy" | scratch >/dev/null; } 2>"$work/load.err"; then
    fault "the backup cannot be loaded: $(tail -n 1 "$work/load.err")"
  fi
  wait "$end"
  [[ $(<"$work/end") == *$'\n-- Dump completed'* ]] || fault "the backup does not end with its last line: it is incomplete"
  run after-load
  echo $((SECONDS - started)) >"$results/load-seconds"
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
  scratch --vertical --column-names <"$plan/replication-status.sql" | sed -n "s/^ *$1: *//p"
}

replay() {
  run replay
  until [[ $(run is-replayed) == 1 ]]; do
    if [[ $(replica_status Replica_SQL_Running) != Yes && $(run is-replayed) != 1 ]]; then
      fault "the binary logs cannot be applied: $(replica_status Last_SQL_Error)"
    fi
    sleep 0.2
  done
  run after-replay
  define_views
}

# What a view lacked at the backup may have come back since, and a view may need another of them.
define_views() {
  local statements before=''
  while statements=$(run define-views) && [[ $statements != "$before" ]]; do
    scratch --force <<<"$statements" >/dev/null 2>&1 || true
    before=$statements
  done
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
run version >"$results/version"
load_dump
run take-over
run transactions >"$results/gtids"
run exclude
count_rows >"$results/counts"
if [[ -s $plan/files ]]; then
  replay
  count_rows >"$results/counts-after"
else
  cp -- "$results/counts" "$results/counts-after"
fi
run checks | scratch >"$results/checks"
run transactions >"$results/gtids-after"
run databases >"$results/databases"
run broken-views >"$results/broken-views"
run leaving-out >"$results/leaving-out"
# With content, which the next step needs and must not print.
run configurations | scratch >"$results/configurations"
run nacos-tables >"$results/nacos-tables"
# It fails if tables of Nacos are missing, which the next step reports.
run administrators >"$results/administrators" || true
stop_scratch
say "loaded in $(<"$results/load-seconds") s"
