#!/bin/bash
# Runs before a server is told to end: stop-nacos.sh PORT METHOD PATH
#
# Nacos drains nothing by itself. Clients of its gRPC are asked to go elsewhere, and open the new connection before they close
# the old one; without that a request fails on the way. They go by the Service, which the pod has to have left before.
set -uo pipefail

sleep 5
if exec 3<>"/dev/tcp/127.0.0.1/$1"; then
  # The servers' identity stands in no command line.
  printf '%s %s?count=0&redirectAddress= HTTP/1.0\r\n%s: %s\r\nContent-Length: 0\r\n\r\n' "$2" "$3" "$NACOS_AUTH_IDENTITY_KEY" "$NACOS_AUTH_IDENTITY_VALUE" >&3
  timeout 5 cat <&3 >/dev/null
  exec 3>&-
fi
sleep 10
exit 0
