#!/bin/bash
# Probes the server: check-mysql.sh started | ready | alive
# A server whose connections are all in use is not ready for more, but it is alive: a restart would only add to the load.
# The probe `alive` also makes it read a renewed certificate.
set -euo pipefail

# For ship-binlogs.sh.
readonly purged=/var/lib/mysql/data/purged-at-start
# Kubernetes mounts each new version of a Secret in another folder; the second file names the folder that the server has read.
readonly tls=/tls/..data
readonly tls_read=/run/mysqld/tls-read

# Ready is a writable primary, and a replica that replicates from one and is not far behind.
readonly ready="
SELECT CASE
  WHEN @@GLOBAL.super_read_only = 0 THEN 'ready'
  WHEN NOT EXISTS (SELECT 1 FROM performance_schema.replication_connection_status WHERE SERVICE_STATE = 'ON') THEN 'is read-only and is not connected to a primary'
  WHEN NOT EXISTS (SELECT 1 FROM performance_schema.replication_applier_status WHERE SERVICE_STATE = 'ON') THEN 'does not apply what it receives'
  WHEN EXISTS (SELECT 1 FROM performance_schema.replication_applier_status_by_worker WHERE APPLYING_TRANSACTION <> ''
    AND APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP < NOW() - INTERVAL 60 SECOND) THEN 'is more than 60 seconds behind'
  ELSE 'ready' END"

# Seconds that a statement may take, less than the probe's timeout. The probe's timeout ends only bash: a client that hangs
# would continue, and the next probe would wait until it ends, so a server that hangs would seem healthy for many minutes.
declare -rA limits=([started]=8 [ready]=3 [alive]=6)
readonly limit=${limits[${1:-}]:?started, ready or alive}

as() {
  timeout --kill-after=1 "$limit" mysql --defaults-file="/credentials/$1.cnf" --batch --skip-column-names -e "$2"
}

client() {
  as probe "$1"
}

# The transactions that no binary log holds. Some of them came with a clone; no log ever names these.
note_purged() {
  client "SELECT CONCAT(@@server_uuid, ' ', REPLACE(@@GLOBAL.gtid_purged, '\n', ''))" >"$purged.new"
  sync -f "$purged.new"
  mv -- "$purged.new" "$purged"
}

# A server reads its certificate when it starts, and after ALTER INSTANCE RELOAD TLS. That statement runs here, over the
# socket: when a certificate has expired, nobody can log in over the network. If the server cannot use a certificate, it refuses
# it, logs that and keeps the old one, so a failure here does not fail the probe.
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
