#!/bin/bash
# Brings the database to the schema that ships with the Nacos version being deployed, adding only what is missing.
# The shipped file is loaded into a scratch database and the two are compared, so that neither its spelling nor its
# seed rows (a well-known administrator password, up to 2.3) matter to the real one.
#
# Exit status 3: the database is not one that this version may touch; trying again is useless.
set -euo pipefail
# A query that fails inside $( ) must stop the script: an empty answer would read as "nothing recorded".
shopt -s inherit_errexit

readonly shipped=/schema/mysql-schema.sql
readonly target=nacos
readonly scratch=nacosscratch
readonly wait_seconds=${WAIT_SECONDS:-240}
readonly version=${NACOS_VERSION:?}
readonly admin=${NACOS_ADMIN:?}

client() {
  mysql --defaults-file=/credentials/client.cnf --batch --skip-column-names --raw --unbuffered "$@"
}

say() {
  echo "schema: $*"
}

refuse() {
  echo "schema: refused: $*" >&2
  exit 3
}

fail() {
  echo "schema: $*" >&2
  exit 1
}

# Statements come from standard input, never from the command line.
run() {
  printf '%s\n' "$1" | client
}

# A server that has just started, or is being replaced, answers before it takes writes.
wait_for_server() {
  local answer
  until answer=$(run 'SELECT @@read_only' 2>&1) && [[ $answer == 0 ]]; do
    if ((SECONDS >= wait_seconds)); then
      if [[ $answer == 1 ]]; then answer="it is read-only"; fi
      fail "MySQL took no writes within ${wait_seconds}s; the last answer: $answer"
    fi
    sleep 2
  done
}

# The file goes to the server as it is; a statement that leaves the scratch database would reach the real one.
check_shipped_file() {
  if grep -Eiq '^[[:space:]]*(use[[:space:]]|(create|drop)[[:space:]]+(database|schema)[[:space:]])' "$shipped"; then
    refuse "$shipped of Nacos $version switches databases, which is not expected of it"
  fi
}

load_scratch() {
  run "DROP DATABASE IF EXISTS $scratch; CREATE DATABASE $scratch CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
  client "$scratch" <"$shipped"
}

drop_scratch() {
  run "DROP DATABASE IF EXISTS $scratch;" || true
}

# Tables of the first database that the second lacks.
missing_tables() {
  run "SELECT a.TABLE_NAME FROM information_schema.TABLES a
       LEFT JOIN information_schema.TABLES b ON b.TABLE_SCHEMA = '$2' AND b.TABLE_NAME = a.TABLE_NAME
       WHERE a.TABLE_SCHEMA = '$1' AND a.TABLE_NAME <> 'platform_schema' AND b.TABLE_NAME IS NULL
       ORDER BY a.TABLE_NAME;"
}

# Columns, as "table column", that the second database lacks in tables which both have.
missing_columns() {
  run "SELECT CONCAT(a.TABLE_NAME, ' ', a.COLUMN_NAME) FROM information_schema.COLUMNS a
       JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = '$2' AND t.TABLE_NAME = a.TABLE_NAME
       LEFT JOIN information_schema.COLUMNS b
         ON b.TABLE_SCHEMA = '$2' AND b.TABLE_NAME = a.TABLE_NAME AND b.COLUMN_NAME = a.COLUMN_NAME
       WHERE a.TABLE_SCHEMA = '$1' AND b.COLUMN_NAME IS NULL
       ORDER BY a.TABLE_NAME, a.ORDINAL_POSITION;"
}

# Columns and indexes that both have and that differ from the shipped ones, one a line. They are named, not changed:
# to convert a column may take long, or lose what no longer fits.
differences() {
  run "SELECT CONCAT('column ', a.TABLE_NAME, '.', a.COLUMN_NAME, ' is ', a.COLUMN_TYPE, ' ', IFNULL(a.COLLATION_NAME, ''),
              ' and ships as ', b.COLUMN_TYPE, ' ', IFNULL(b.COLLATION_NAME, ''))
       FROM information_schema.COLUMNS a
       JOIN information_schema.COLUMNS b
         ON b.TABLE_SCHEMA = '$scratch' AND b.TABLE_NAME = a.TABLE_NAME AND b.COLUMN_NAME = a.COLUMN_NAME
       WHERE a.TABLE_SCHEMA = '$target'
         AND (a.COLUMN_TYPE <> b.COLUMN_TYPE OR NOT a.COLLATION_NAME <=> b.COLLATION_NAME)
       UNION ALL
       SELECT DISTINCT CONCAT('index ', a.TABLE_NAME, '.', a.INDEX_NAME, ' ships, and is missing')
       FROM information_schema.STATISTICS a
       LEFT JOIN information_schema.STATISTICS b
         ON b.TABLE_SCHEMA = '$target' AND b.TABLE_NAME = a.TABLE_NAME AND b.INDEX_NAME = a.INDEX_NAME
       WHERE a.TABLE_SCHEMA = '$scratch' AND b.INDEX_NAME IS NULL;"
}

name_differences() {
  local found
  found=$(differences)
  while read -r line; do
    [[ -z $line ]] || say "left as it is: $line"
  done <<<"$found"
}

# Recorded versions with their checksums, one a line; nothing for a database that was never recorded.
records() {
  local tables
  tables=$(run "SELECT COUNT(*) FROM information_schema.TABLES
                WHERE TABLE_SCHEMA = '$target' AND TABLE_NAME = 'platform_schema';")
  if ((tables > 0)); then
    run "SELECT CONCAT(nacos_version, ' ', schema_sha256) FROM $target.platform_schema;"
  fi
}

is_newer() {
  [[ $1 != "$2" && $(printf '%s\n%s\n' "$1" "$2" | sort -V | tail -n 1) == "$1" ]]
}

# A newer record with the very same file is no newer schema: going back one patch release stays possible.
check_records() {
  local recorded recorded_checksum
  while read -r recorded recorded_checksum; do
    if [[ $recorded_checksum != "$checksum" ]] && is_newer "$recorded" "$version"; then
      refuse "the database has the schema of Nacos $recorded, which is newer than $version." \
        "Deploy $recorded or newer, or restore a backup that was made with $version"
    fi
  done <<<"$1"
}

# Nothing says which version made these tables. What the shipped schema knows can be completed; more is somebody else's.
check_unrecorded() {
  local tables columns
  tables=$(missing_tables "$target" "$scratch")
  columns=$(missing_columns "$target" "$scratch")
  if [[ -n $tables$columns ]]; then
    refuse "the database has no record of a Nacos version, and has what the schema of $version lacks:" \
      "tables (${tables//$'\n'/, }), columns (${columns//$'\n'/, })." \
      "If it belongs to another Nacos version, deploy that version first; if to something else, give Nacos an empty database"
  fi
}

add_missing() {
  local tables statements columns table column definition
  tables=$(missing_tables "$scratch" "$target")
  # In one go: each client signs in anew.
  statements=$(for table in $tables; do echo "CREATE TABLE $target.\`$table\` LIKE $scratch.\`$table\`; SELECT 'schema: created table $table';"; done)
  [[ -z $tables ]] || run "$statements"
  columns=$(missing_columns "$scratch" "$target")
  while read -r table column; do
    [[ -n $table ]] || continue
    definition=$(run "SHOW CREATE TABLE $scratch.\`$table\`;" | sed -n "/^  \`$column\` /{s/^  //;s/,\$//;p}")
    run "ALTER TABLE $target.\`$table\` ADD COLUMN $definition;"
    say "added column $table.$column"
  done <<<"$columns"
}

record() {
  run "CREATE TABLE IF NOT EXISTS $target.platform_schema (
         nacos_version varchar(32) NOT NULL PRIMARY KEY,
         schema_sha256 char(64) NOT NULL,
         applied_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP
       );
       INSERT INTO $target.platform_schema (nacos_version, schema_sha256) VALUES ('$version', '$checksum') AS new
       ON DUPLICATE KEY UPDATE
         applied_at = IF(platform_schema.schema_sha256 = new.schema_sha256, platform_schema.applied_at, CURRENT_TIMESTAMP),
         schema_sha256 = new.schema_sha256;"
}

# Users and roles are the same two tables in every supported version.
set_administrator() {
  local hash
  hash=$(</admin/passwordHash)
  if [[ ! $hash =~ ^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$ ]]; then
    fail "the administrator's password hash is not a bcrypt hash"
  fi
  run "INSERT INTO $target.users (username, password, enabled) VALUES ('$admin', '$hash', TRUE) AS new
       ON DUPLICATE KEY UPDATE password = new.password, enabled = new.enabled;
       INSERT INTO $target.roles (username, role) VALUES ('$admin', 'ROLE_ADMIN') AS new
       ON DUPLICATE KEY UPDATE role = new.role;"
}

checksum=$(sha256sum <"$shipped")
readonly checksum=${checksum%% *}

check_shipped_file
wait_for_server
trap drop_scratch EXIT
load_scratch
recorded_versions=$(records)
if [[ -n $recorded_versions ]]; then
  check_records "$recorded_versions"
else
  check_unrecorded
fi
add_missing
name_differences
record
set_administrator
say "the database has the schema of Nacos $version ($checksum)"
