#!/bin/bash
# A plain client that loads the fetched dump into a plain server, instead of the verification, in its container.
set -eu
readonly work=/work
readonly socket=$work/run/plain.sock
client() {
  mysql --no-defaults --socket="$socket" --user=root "$@"
}
mkdir -p "$work/plain" "$work/run"
mysqld --no-defaults --initialize-insecure --datadir="$work/plain/data"
mysqld --no-defaults --datadir="$work/plain/data" --socket="$socket" --pid-file="$work/run/plain.pid" --skip-networking --loose-mysqlx=OFF --secure-file-priv=NULL --skip-log-bin --performance-schema=OFF --innodb-buffer-pool-size="${BUFFER_POOL_MIB:?}M" &
until client --execute 'SELECT 1' >/dev/null 2>&1; do sleep 0.1; done
zstd --decompress --stdout --quiet "$work/backup/dump.sql.zst" | client
client --execute SHUTDOWN
wait
