#!/bin/bash
# Unpacks image archives into a containerd root that no other process uses: unpack-images.sh ROOT ARCHIVE...
# Runs as the first process of a PID namespace and in a mount namespace, so that nothing outlives it.
set -euo pipefail

readonly root=$1
shift
mount -t tmpfs tmpfs /run
cat >/run/containerd.toml <<EOF
version = 2
root = "$root"
state = "/run/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "/run/containerd.sock"
EOF

ctr() {
  command ctr --address /run/containerd.sock --namespace k8s.io "$@"
}

containerd -c /run/containerd.toml --log-level warn &
readonly containerd=$!
until ctr version >/dev/null 2>&1; do
  kill -0 "$containerd"
  sleep 0.1
done
for archive in "$@"; do ctr images import "$archive"; done
kill "$containerd"
wait "$containerd"
sync -f "$root"
