#!/bin/bash
# Loads the restored databases from the scratch instance into the primary, in the loads that the step before has planned. If it
# has planned none, the restore only reports, and this step does nothing. Accounts stay as they are.
set -euo pipefail
shopt -s inherit_errexit

readonly work=/work
readonly plan=$work/load results=$work/results
readonly options=/credentials/client.cnf
readonly message=/dev/termination-log
# shellcheck source=/dev/null
. /scripts/scratch.sh

client() {
  mysql --defaults-file="$options" --host="${primary%:*}" --port="${primary##*:}" --max-allowed-packet=1G --batch --skip-column-names --raw "$@"
}

# The operator has to know if the primary was changed, even if this step is killed. So Kubernetes can read that at any time.
enter() {
  state=$1
  { cat "$work/report" && echo "$state"; } >"$message"
}

fail() {
  echo "$state: $*"
  enter "$state: $*"
  stop_scratch
  exit 1
}

# load FOLDER: one dump of the scratch instance, which goes to the primary between two files of statements.
load() {
  local -a arguments into filter=(cat)
  local error=''
  mapfile -t arguments <"$1/dump"
  mapfile -t into <"$1/into"
  [[ ! -s $1/filter ]] || filter=(sed -E -f "$1/filter")
  enter "$(<"$1/if-interrupted")"
  client <"$1/before.sql" 2>"$work/load.err" || fail "$(<"$1/before-refused"): $(tail -n 1 "$work/load.err")"
  # If both fail, the reason is the client's.
  dump_scratch "${arguments[@]}" 2>"$work/dump.err" | LC_ALL=C "${filter[@]}" | client "${into[@]}" >/dev/null 2>"$work/load.err" ||
    error="$(<"$1/refused"): $(cat "$work/dump.err" "$work/load.err" | tail -n 1)"
  client <"$1/after.sql" 2>"$work/after.err" || fail "$(tail -n 1 "$work/after.err")"
  [[ -z $error ]] || fail "$error"
}

if [[ ! -e $plan ]]; then
  echo "load: nothing to load"
  exit 0
fi
enter 'nothing was restored'
primary=$(<"$plan/server")
readonly primary
start_scratch || fail "no scratch instance started: $(tail -n 1 "$work/mysqld.log")"

if [[ -e $plan/in-use ]]; then
  used=$(client <"$plan/sessions.sql" | cut -f 4 | grep -Fx -f "$plan/in-use" | sort -u | paste -sd ' ') || true
  [[ -z $used ]] || fail "the databases are in use again, stop their clients first: $used"
fi

started=$SECONDS
if client <"$plan/raise-packet.sql" 2>"$work/packet.err"; then
  trap 'client <"$plan/restore-packet.sql" || true' EXIT
else
  echo "$(<"$plan/small-packet"): $(<"$work/packet.err")" | tee -a "$work/report"
fi
for folder in "$plan"/steps/*/; do
  load "$folder"
done
client <"$plan/counts.sql" | client >"$results/counts-loaded" || fail 'the rows cannot be counted'
echo $((SECONDS - started)) >"$results/primary-seconds"
stop_scratch
