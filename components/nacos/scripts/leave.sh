#!/bin/bash
# Runs before the server ends: the sidecar `members` sends its clients away, and takes the server out of the cluster if its
# pod will not come back. Without an answer, clients only get time to see that the pod has left the Service.
set -euo pipefail

{
  exec 3<>/dev/tcp/127.0.0.1/"${MEMBERS_PORT:?}"
  printf 'GET /leave HTTP/1.0\r\n\r\n' >&3
  answer=$(cat <&3)
  [[ $answer == 'HTTP/1.1 200'* ]]
} || sleep 15
