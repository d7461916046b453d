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

# To the log, to the file from which Kubernetes reads a container's termination message, and to the report of the last step.
say() {
  echo "$*" | tee -a "$message" "$work/report"
}

# The operator has to know if the primary was changed.
state='nothing was restored'
fail() {
  say "$state: $*"
  stop_scratch
  exit 1
}

# load FOLDER: one dump of the scratch instance, which goes to the primary between two files of statements.
load() {
  local -a arguments into
  local error=''
  mapfile -t arguments <"$1/dump"
  mapfile -t into <"$1/into"
  state=$(<"$1/if-interrupted")
  client <"$1/before.sql" 2>"$work/load.err" || fail "$(<"$1/before-refused"): $(tail -n 1 "$work/load.err")"
  dump_scratch "${arguments[@]}" | client "${into[@]}" >/dev/null 2>"$work/load.err" || error="$(<"$1/refused"): $(tail -n 1 "$work/load.err")"
  client <"$1/after.sql" 2>"$work/after.err" || fail "$(tail -n 1 "$work/after.err")"
  [[ -z $error ]] || fail "$error"
}

if [[ ! -e $plan ]]; then
  echo "load: nothing to load"
  exit 0
fi
# The last message is complete by itself if this step fails.
tee "$message" <"$work/report"
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
  say "$(<"$plan/small-packet"): $(<"$work/packet.err")"
fi
for folder in "$plan"/steps/*/; do
  load "$folder"
done
client <"$plan/counts.sql" | client >"$results/counts-loaded" || fail 'the rows cannot be counted'
echo $((SECONDS - started)) >"$results/primary-seconds"
stop_scratch
