#!/bin/bash
# Runs before a server of several is stopped: stop-nacos.sh PORT METHOD PATH. By itself Nacos just ends its clients' connections,
# and what they ask until they have another fails. So it asks them, by the call that these are, to connect anew
# first. That leads to another server once the pod has left the Service, which takes seconds.
set -uo pipefail

sleep 5
if exec 3<>"/dev/tcp/127.0.0.1/$1"; then
  # As one of the servers, by the identity that they share: no login is needed, and no database.
  printf '%s %s?count=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n%s: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' \
    "$2" "$3" "$NACOS_AUTH_IDENTITY_KEY" "$NACOS_AUTH_IDENTITY_VALUE" >&3
  IFS= read -r -t 5 status <&3
  # The output of a hook goes nowhere, that of the server's process to the pod's log.
  echo "stop-nacos: sent the clients to other servers: ${status%$'\r'}" >/proc/1/fd/1
fi
sleep 10
