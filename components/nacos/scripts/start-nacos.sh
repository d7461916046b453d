#!/bin/bash
# Starts Nacos through the image's own entrypoint, without that script's shell trace: it tests the credentials'
# variables, so the trace would print them to the pod's log.
set -euo pipefail

readonly entrypoint=/home/nacos/bin/docker-startup.sh
readonly quiet=/tmp/docker-startup.sh
readonly conf=/home/nacos/conf

if [[ ! -r $entrypoint ]]; then
  echo "start-nacos: the image has no $entrypoint; it is not laid out like docker.io/nacos/nacos-server" >&2
  exit 1
fi

# `set -` and `set -eu` are what remains of `set -x` and `set -eux`. The first line (#!/bin/bash -x) is only a comment here.
sed -E -e 's/^([[:space:]]*set[[:space:]]+-[a-wyz]*)x/\1/' -e 's/-o[[:space:]]+xtrace/+o xtrace/' "$entrypoint" >"$quiet"
cp -- /scripts/logback.xml "$conf/nacos-logback.xml"

cd /home/nacos
exec bash "$quiet"
