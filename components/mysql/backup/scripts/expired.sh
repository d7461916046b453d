#!/bin/sh
# Reads names of backups, which are the moments they were made, and prints those that may go:
# expired.sh COUNT DAYS [KEPT] <names
# The newest COUNT stay however old they are, and KEPT, the last one that was proven to restore.
set -eu

count=$1
days=$2
kept=${3:-}
oldest=$(date -u -d "@$(($(date +%s) - days * 86400))" +%Y%m%dT%H%M%SZ)

grep -E '^[0-9]{8}T[0-9]{6}Z$' | sort -r | awk -v count="$count" -v oldest="$oldest" -v kept="$kept" 'NR > count && $0 < oldest && $0 != kept'
