#!/bin/bash
# Starts Nacos through the image's own entrypoint, without that script's shell trace: it tests the credentials'
# variables, so the trace would print them to the pod's log.
set -euo pipefail

readonly entrypoint=/home/nacos/bin/docker-startup.sh
readonly quiet=/tmp/docker-startup.sh
readonly conf=/home/nacos/conf
readonly mark='# Properties of the stack'
readonly raft=/home/nacos/data/protocol/raft
readonly trust=/tmp/mysql-ca.p12
authorities=0
certificate=()

if [[ ! -r $entrypoint ]]; then
  echo "start-nacos: the image has no $entrypoint; it is not laid out like docker.io/nacos/nacos-server" >&2
  exit 1
fi

# `set -` and `set -eu` are what remains of `set -x` and `set -eux`. The first line (#!/bin/bash -x) is only a comment here.
sed -E -e 's/^([[:space:]]*set[[:space:]]+-[a-wyz]*)x/\1/' -e 's/-o[[:space:]]+xtrace/+o xtrace/' "$entrypoint" >"$quiet"
cp -- /scripts/logback.xml "$conf/nacos-logback.xml"

# The stack's properties come after the image's own, since the last of two lines counts. When the container starts again in
# the same pod, they are there already.
sed -i "/^$mark\$/,\$d" "$conf/application.properties"
{ echo; echo "$mark"; cat /scripts/stack.properties; } >>"$conf/application.properties"

# The JDBC driver takes the CAs of MySQL's certificate from a key store. It holds nothing secret, and is neither
# encrypted nor signed, so that the driver needs no password for it. keytool takes one certificate at a time,
# and is over before Java's optimizing compiler would pay.
rm -f -- "$trust"
while IFS= read -r line; do
  if [[ $line == *'BEGIN CERTIFICATE'* ]]; then certificate=(); fi
  certificate+=("$line")
  if [[ $line == *'END CERTIFICATE'* ]]; then
    authorities=$((authorities + 1))
    printf '%s\n' "${certificate[@]}" |
      "${JAVA_HOME:+$JAVA_HOME/bin/}keytool" -J-XX:TieredStopAtLevel=1 -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE \
        -importcert -noprompt -storetype PKCS12 -storepass unused -keystore "$trust" -alias "authority$authorities"
  fi
done </ca/ca.crt

# Every ten minutes RocksDB appends some 25 KB to the LOG of each Raft group, 6 GB a year. It never reads it, and begins
# another only when it starts, when it keeps the one before as LOG.old. RocksDB goes on behind the part that is cut off, so
# what counts is the space on the disk.
bound_logs() {
  local log
  while true; do
    for log in "$raft"/*/log/LOG; do
      if [[ -f $log && $(du -k "$log" | cut -f1) -gt 16384 ]]; then : >"$log"; fi
    done
    sleep 3600
  done
}
rm -f -- "$raft"/*/log/LOG.old.*
bound_logs &

cd /home/nacos
exec bash "$quiet"
