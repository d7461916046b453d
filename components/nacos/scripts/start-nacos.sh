#!/bin/bash
# Starts Nacos through the image's own entrypoint, without that script's shell trace: it tests the credentials'
# variables, so the trace would print them to the pod's log.
set -euo pipefail
# shellcheck source=/dev/null
. /scripts/ask-members.sh

readonly entrypoint=/home/nacos/bin/docker-startup.sh
readonly quiet=/tmp/docker-startup.sh
readonly conf=/home/nacos/conf
readonly mark='# Properties of the stack'
readonly raft=/home/nacos/data/protocol/raft
readonly trust=/tmp/mysql-ca.p12
ca_count=0
certificate=()

if [[ ! -r $entrypoint ]]; then
  echo "start-nacos: the image has no $entrypoint; it is not laid out like docker.io/nacos/nacos-server" >&2
  exit 1
fi

# `set -` and `set -eu` are what remains of `set -x` and `set -eux`. The first line (#!/bin/bash -x) is only a comment here.
sed -E -e 's/^([[:space:]]*set[[:space:]]+-[a-wyz]*)x/\1/' -e 's/-o[[:space:]]+xtrace/+o xtrace/' "$entrypoint" >"$quiet"
cp -- /scripts/logback.xml "$conf/nacos-logback.xml"

# The stack's properties come after the image's, since the last of two lines counts. When the container restarts in the
# same pod, the file already has them.
sed -i "/^$mark\$/,\$d" "$conf/application.properties"
{ echo; echo "$mark"; cat /scripts/stack.properties; } >>"$conf/application.properties"

# The JDBC driver reads the CAs of MySQL's certificate from a key store. It contains no secret, and is neither
# encrypted nor signed, so the driver needs no password for it. keytool imports one certificate at a time, and ends
# before Java's optimizing compiler would help.
rm -f -- "$trust"
while IFS= read -r line; do
  if [[ $line == *'BEGIN CERTIFICATE'* ]]; then certificate=(); fi
  certificate+=("$line")
  if [[ $line == *'END CERTIFICATE'* ]]; then
    ca_count=$((ca_count + 1))
    printf '%s\n' "${certificate[@]}" |
      "${JAVA_HOME:+$JAVA_HOME/bin/}keytool" -J-XX:TieredStopAtLevel=1 -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE \
        -importcert -noprompt -storetype PKCS12 -storepass unused -keystore "$trust" -alias "ca$ca_count"
  fi
done </ca/ca.crt

# Every ten minutes RocksDB appends about 25 KB to the LOG of each Raft group, 6 GB a year. It never reads that file, and begins
# a new one only when it starts; then it keeps the previous one as LOG.old. After a truncation RocksDB continues to write at its
# old offset, so only the space on disk counts, not the file's length.
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

# A single server runs standalone: in a cluster it would wait for the registry of another. The sidecar `members` knows how many
# there are. When the first joins or the last leaves, the server starts again in the other mode.
follow_mode() {
  local now
  while sleep 5; do
    now=$(ask /mode 2>/dev/null) || continue
    if [[ $now != "$MODE" ]]; then
      echo "start-nacos: starts again, $now instead of $MODE"
      kill -TERM $$
    fi
  done
}
until MODE=$(ask /mode 2>/dev/null); do sleep 1; done
export MODE
follow_mode &

cd /home/nacos
exec bash "$quiet"
