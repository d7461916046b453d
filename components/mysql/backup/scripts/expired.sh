#!/bin/sh
# Reads names of backups, which are their creation times, and prints those that may be deleted:
# expired.sh COUNT DAYS [KEPT] <names
# It keeps the newest COUNT, whatever their age, and KEPT, the last verified backup.
set -eu

count=$1
days=$2
kept=${3:-}
oldest=$(date -u -d "@$(($(date +%s) - days * 86400))" +%Y%m%dT%H%M%SZ)

grep -E '^[0-9]{8}T[0-9]{6}Z$' | sort -r | awk -v count="$count" -v oldest="$oldest" -v kept="$kept" 'NR > count && $0 < oldest && $0 != kept'
