#!/bin/bash
# Plain mysqldump instead of the backup's own script, in its container.
set -eu
readonly file=/backups/plain.sql
rm -f "$file"
mysqldump --defaults-file=/credentials/client.cnf --single-transaction --databases bench nacos >"$file"
rm -f "$file"
