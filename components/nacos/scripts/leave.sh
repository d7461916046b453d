#!/bin/bash
# Runs before the server ends: the sidecar `members` sends clients away, and takes the server out of the cluster if its
# pod will not come back. Without an answer, clients only get time to see that the pod has left the Service.
set -euo pipefail
# shellcheck source=/dev/null
. /scripts/ask-members.sh

ask /leave || sleep 15
