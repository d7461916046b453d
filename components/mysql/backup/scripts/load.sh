#!/bin/bash
# The end of a restore. Mode `plan` reports what a restore would bring back and what it would lose, and changes nothing;
# `fresh` loads it beside the live databases, under other names; `in-place` replaces them. Accounts stay as they are.
set -euo pipefail
shopt -s inherit_errexit

readonly work=/work
readonly mode=${MODE:?}
readonly primary=${PRIMARY:?} # host:port
readonly suffix=${SUFFIX:-}
readonly options=/credentials/client.cnf
readonly message=/dev/termination-log
# shellcheck source=/dev/null
. /scripts/scratch.sh

client() {
  mysql --defaults-file="$options" --host="${primary%:*}" --port="${primary##*:}" --max-allowed-packet=1G --batch --skip-column-names --raw "$@"
}

# To the log, and to the file from which Kubernetes reads a container's termination message.
say() {
  echo "$*" | tee -a "$message"
}

# The operator has to know if the primary was changed.
changed=
fail() {
  say "${changed:-nothing was restored}: $*"
  stop_scratch
  exit 1
}

# Transactions in a set: "uuid:1-5:7,uuid:3" are seven.
size_of() {
  tr ',' '\n' <<<"$1" | tr -d ' ' | awk -F: '{ for (i = 2; i <= NF; i++) { n = split($i, ends, "-"); sum += n == 2 ? ends[2] - ends[1] + 1 : 1 } } END { print sum + 0 }'
}

list_databases() {
  scratch <<<"SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema') ORDER BY SCHEMA_NAME;"
}

quoted_list() {
  local list="${databases//$'\n'/\', \'}"
  echo "'$list'"
}

# What the primary has and the restore lacks, and vice versa.
describe_loss() {
  local here restored gone back
  if ! here=$(client 2>&1 <<<"SELECT REPLACE(@@GLOBAL.gtid_executed, '\n', '');"); then
    [[ $mode == plan ]] || fail "the primary $primary does not answer: $here"
    say "lost: not known, as the primary $primary does not answer"
    return
  fi
  restored=$(<"$work/plan/target")
  gone=$(scratch <<<"SELECT REPLACE(GTID_SUBTRACT('$here', '$restored'), '\n', '');")
  back=$(scratch <<<"SELECT REPLACE(GTID_SUBTRACT('$restored', '$here'), '\n', '');")
  say "lost in place: $(size_of "$gone") transactions that the primary has and the restore lacks${gone:+ ($gone)}"
  [[ -z $back ]] || say "brought back: $(size_of "$back") transactions that the primary lacks ($back)"
  others=$(client <<<"SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema', $(quoted_list));")
  [[ -z $others ]] || say "left as they are, because the backup does not have them: ${others//$'\n'/, }"
}

require_writable() {
  local answer
  answer=$(client 2>&1 <<<'SELECT @@GLOBAL.super_read_only;') || fail "the primary $primary does not answer: $answer"
  [[ $answer == 0 ]] || fail "$primary is read-only: it is not the primary, or was not promoted"
}

require_silence() {
  local sessions
  # The table of performance_schema is empty where that is switched off.
  sessions=$(client <<<'SHOW PROCESSLIST;' | awk -F'\t' -v list=" ${databases//$'\n'/ } " 'index(list, " " $4 " ") { print $2 " in " $4 }' | sort -u)
  [[ -z $sessions ]] || fail "the databases are in use, stop these clients first: ${sessions//$'\n'/, }"
}

# Loads everything except the rows, under other names, and drops it again: if the primary refuses something, for example a
# definer, it does so before anything is replaced. Without events, which would run.
rehearse() {
  local name error=''
  for name in $databases; do
    client <<<"CREATE DATABASE \`${name}_rehearsal\`;" || fail "the database ${name}_rehearsal cannot be created"
    dump_scratch --no-data "$name" | client "${name}_rehearsal" >/dev/null 2>"$work/load.err" || error=$(tail -n 1 "$work/load.err")
    client <<<"DROP DATABASE \`${name}_rehearsal\`;"
    [[ -z $error ]] || fail "the primary would refuse $name: $error"
  done
}

load_in_place() {
  local name
  changed='the databases are incomplete, run the restore again'
  # shellcheck disable=SC2086 # names without blanks, which dump.sh checks
  {
    for name in $databases; do printf "DROP DATABASE IF EXISTS \`%s\`;\n" "$name"; done
    dump_scratch --events --databases $databases
  } | client >/dev/null 2>"$work/load.err" || fail "the primary refused: $(tail -n 1 "$work/load.err")"
  counts_of "$(quoted_list)" '' >"$work/counts-loaded"
}

load_fresh() {
  local name characters
  changed="the databases with names in $suffix are incomplete, drop them"
  : >"$work/counts-loaded"
  for name in $databases; do
    characters=$(scratch <<<"SELECT CONCAT('CHARACTER SET ', DEFAULT_CHARACTER_SET_NAME, ' COLLATE ', DEFAULT_COLLATION_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '$name';")
    client <<<"CREATE DATABASE \`$name$suffix\` $characters;" || fail "the database $name$suffix cannot be created"
    # Without events: beside the live databases they would run twice.
    dump_scratch "$name" | client "$name$suffix" >/dev/null 2>"$work/load.err" || fail "the primary refused: $(tail -n 1 "$work/load.err")"
    counts_of "'$name$suffix'" "$suffix" >>"$work/counts-loaded"
  done
}

# Like scratch_counts, but from the primary, for a list of databases, and without the suffix in their names.
counts_of() {
  client <<<"$(counting "TABLE_SCHEMA IN ($1)" "$2")" | client
}

if [[ -s $work/faults ]]; then
  say "nothing was restored, because of:"
  while IFS= read -r fault; do say "- $fault"; done <"$work/faults"
  exit 1
fi
start_scratch || fail "no scratch instance started: $(tail -n 1 "$work/mysqld.log")"
databases=$(list_databases)
say "$(<"$work/summary")"
say "databases: ${databases//$'\n'/, }"
describe_loss
if [[ $mode == plan ]]; then
  stop_scratch
  exit 0
fi

require_writable
started=$SECONDS
# As a statement, a row may be twice as long as in a packet.
packet=$(client <<<'SELECT @@GLOBAL.max_allowed_packet;')
if client <<<'SET GLOBAL max_allowed_packet = 1073741824;' 2>"$work/packet.err"; then
  trap 'client <<<"SET GLOBAL max_allowed_packet = $packet;" || true' EXIT
else
  say "note: rows of more than about $((packet / 2097152)) MiB may be refused, as max_allowed_packet stays as it is: $(<"$work/packet.err")"
fi
case $mode in
  in-place)
    require_silence
    rehearse
    load_in_place
    ;;
  fresh)
    [[ -n $suffix ]] || fail "a fresh restore needs a suffix for the databases' names"
    load_fresh
    ;;
  *) fail "there is no mode $mode" ;;
esac
stop_scratch
differences=$(comm -3 <(sort "$work/results/counts-after") <(sort "$work/counts-loaded") | head -n 6)
[[ -z $differences ]] || fail "the primary's row counts differ from the restore's: $differences"
say "restored ($mode${suffix:+, names end in $suffix}) in $((SECONDS - started)) s; all row counts agree"
