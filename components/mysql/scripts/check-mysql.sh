#!/bin/bash
# Asks the server a question: check-mysql.sh ready | alive
# A server whose connections are all taken is not ready for more, but it is alive: a restart would only add to the load.
set -euo pipefail

if answer=$(mysql --defaults-file=/credentials/probe.cnf --batch --skip-column-names -e 'SELECT 1' 2>&1); then
  exit 0
fi
if [[ ${1:-} == alive && $answer == *'ERROR 1040'* ]]; then
  exit 0
fi
echo "$answer" >&2
exit 1
