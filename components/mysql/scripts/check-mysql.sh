#!/bin/bash
# Asks the server a question: check-mysql.sh started | ready | alive
# A server whose connections are all taken is not ready for more, but it is alive: a restart would only add to the load.
# The question whether it is alive also has it read a renewed certificate.
set -euo pipefail

# For ship-binlogs.sh.
readonly purged=/var/lib/mysql/data/purged-at-start
# Kubernetes gives a mounted Secret another folder with each change; the second file names the one that the server has read.
readonly tls=/tls/..data
readonly tls_read=/run/mysqld/tls-read

# Ready is a primary that takes writes, and a replica that follows one and is not far behind.
readonly ready="
SELECT CASE
  WHEN @@GLOBAL.super_read_only = 0 THEN 'ready'
  WHEN NOT EXISTS (SELECT 1 FROM performance_schema.replication_connection_status WHERE SERVICE_STATE = 'ON') THEN 'takes no writes and is not connected to a primary'
  WHEN NOT EXISTS (SELECT 1 FROM performance_schema.replication_applier_status WHERE SERVICE_STATE = 'ON') THEN 'does not apply what it receives'
  WHEN EXISTS (SELECT 1 FROM performance_schema.replication_applier_status_by_worker WHERE APPLYING_TRANSACTION <> ''
    AND APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP < NOW() - INTERVAL 60 SECOND) THEN 'is more than 60 seconds behind'
  ELSE 'ready' END"

# Seconds that a statement may take, less than the probe may. What the probe's own limit ends is bash: a client that hangs
# would go on, and the next probe would wait for its end, so that a server that hangs seemed well for many minutes.
declare -rA limits=([started]=8 [ready]=3 [alive]=6)
readonly limit=${limits[${1:-}]:?started, ready or alive}

as() {
  timeout --kill-after=1 "$limit" mysql --defaults-file="/credentials/$1.cnf" --batch --skip-column-names -e "$2"
}

client() {
  as probe "$1"
}

# The transactions that no binary log holds, among them those that came with a clone: no log ever names these.
note_purged() {
  client "SELECT CONCAT(@@server_uuid, ' ', REPLACE(@@GLOBAL.gtid_purged, '\n', ''))" >"$purged.new"
  sync -f "$purged.new"
  mv -- "$purged.new" "$purged"
}

# A server reads its certificate when it starts and when it is told to. It is told here, over the socket: by the time that
# a certificate has run out nobody can sign in from elsewhere any more. A certificate that it cannot use it refuses, says so
# in its log and keeps the old one, so that this is no question of life or death.
read_tls() {
  local now
  now=$(readlink "$tls")
  if [[ -e $tls_read && $now == "$(<"$tls_read")" ]]; then return; fi
  as tls 'ALTER INSTANCE RELOAD TLS' && echo "$now" >"$tls_read"
}

if [[ ${1:-} == started ]]; then
  note_purged
  exit
fi

if [[ ${1:-} == alive ]]; then read_tls || true; fi

question="SELECT 'ready'"
if [[ ${1:-} == ready ]]; then question=$ready; fi
if answer=$(client "$question" 2>&1); then
  if [[ $answer == ready ]]; then exit 0; fi
elif [[ ${1:-} == alive && $answer == *'ERROR 1040'* ]]; then
  exit 0
fi
echo "$answer" >&2
exit 1
