#!/bin/bash
# Sourced by start-nacos.sh and leave.sh. ask PATH: prints what the sidecar `members` answers; fails if it refuses, or does not answer.
ask() {
  local answer
  exec 3<>/dev/tcp/127.0.0.1/"${MEMBERS_PORT:?}" || return 1
  printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3
  answer=$(cat <&3)
  exec 3>&-
  [[ $answer == 'HTTP/1.1 200'* ]] && echo "${answer##*$'\n'}"
}
