#!/bin/bash
# Brings the database to the schema that ships with the Nacos version being deployed, adding and widening only.
# The shipped file is loaded into a scratch database and the two are compared, so that neither its spelling nor its
# seed rows (a well-known administrator password, up to 2.3) affect the real one.
#
# Exit status 3: this version must not change the database; trying again does not help.
set -euo pipefail
# A query that fails inside $( ) must stop the script: an empty answer would read as "nothing recorded".
shopt -s inherit_errexit

readonly shipped=/schema/mysql-schema.sql
readonly target=nacos
readonly scratch=nacosscratch
# Created by 2.2 to 2.4 and no longer shipped. They stay: a return to those versions needs them.
readonly former_tables="'config_info_aggr', 'config_info_beta', 'config_info_tag'"
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

# A server that has just started, or is being replaced, answers before it is writable.
wait_for_server() {
  local answer
  until answer=$(run 'SELECT @@read_only' 2>&1) && [[ $answer == 0 ]]; do
    if ((SECONDS >= wait_seconds)); then
      if [[ $answer == 1 ]]; then answer="it is read-only"; fi
      fail "MySQL was not writable within ${wait_seconds}s; the last answer: $answer"
    fi
    sleep 2
  done
}

# The file goes to the server as it is; a statement that leaves the scratch database would reach the real one.
check_shipped_file() {
  if grep -Eiq '^[[:space:]]*(use[[:space:]]|(create|drop)[[:space:]]+(database|schema)[[:space:]])' "$shipped"; then
    refuse "$shipped of Nacos $version switches databases, which is not expected"
  fi
}

# Without the file's character sets, everything gets that of the scratch database. The shipped ones differ by version, do not
# accept emoji (utf8), or treat two data IDs that differ only by case as the same (utf8mb4_unicode_ci).
load_scratch() {
  run "DROP DATABASE IF EXISTS $scratch; CREATE DATABASE $scratch CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
  sed -E 's/\b((DEFAULT +)?(CHARACTER +SET|CHARSET)|COLLATE) *=? *[A-Za-z0-9_]+//gI' "$shipped" | client "$scratch"
}

drop_scratch() {
  run "DROP DATABASE IF EXISTS $scratch;" || true
}

# Tables of the first database that the second lacks, except those in the third argument.
missing_tables() {
  run "SELECT a.TABLE_NAME FROM information_schema.TABLES a
       LEFT JOIN information_schema.TABLES b ON b.TABLE_SCHEMA = '$2' AND b.TABLE_NAME = a.TABLE_NAME
       WHERE a.TABLE_SCHEMA = '$1' AND a.TABLE_NAME NOT LIKE 'platform\\_%' AND b.TABLE_NAME IS NULL
         AND a.TABLE_NAME NOT IN (${3:-''})
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

# Recorded versions with their checksums, one per line; nothing for a database without a record.
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

# A newer record with exactly the same file is not a newer schema: a return by one patch release stays possible.
check_records() {
  local recorded recorded_checksum
  while read -r recorded recorded_checksum; do
    if [[ $recorded_checksum != "$checksum" ]] && is_newer "$recorded" "$version"; then
      refuse "the database has the schema of Nacos $recorded, which is newer than $version." \
        "Deploy $recorded or newer, or restore a backup that was made with $version"
    fi
  done <<<"$1"
}

# It is unknown which version created these tables. If the shipped schema has all of them, they can be completed; if not,
# they belong to something else.
check_unrecorded() {
  local tables columns
  tables=$(missing_tables "$target" "$scratch" "$former_tables")
  columns=$(missing_columns "$target" "$scratch")
  if [[ -n $tables$columns ]]; then
    refuse "the database has no record of a Nacos version, and has objects that the schema of $version lacks:" \
      "tables (${tables//$'\n'/, }), columns (${columns//$'\n'/, })." \
      "If it belongs to another Nacos version, deploy that version first; if to something else, give Nacos an empty database"
  fi
}

add_missing() {
  local tables statements columns table column definition
  tables=$(missing_tables "$scratch" "$target")
  # In one call: each client logs in again.
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

# Changes one table, completely or not at all. A refusal because of the table's content is not a failure.
# Strict, so that no value is truncated; dates that were accepted once stay.
alter() {
  local table=$1 clauses=$2
  if ! why=$(run "SET SESSION sql_mode = 'STRICT_ALL_TABLES', lock_wait_timeout = 60; ALTER TABLE $target.\`$table\` $clauses;" 2>&1); then
    # Duplicate rows, a default, key or row that does not fit, NULL, text and numbers that do not fit, foreign keys.
    [[ $why =~ ERROR\ (1062|1067|1071|1101|1118|1138|1170|1264|1265|1292|1366|1406|1832|1833|1834|3780)\  ]] || fail "$table cannot be changed: $why. Run the update again"
    why=${why#*: }
    return 1
  fi
}

# Brings one table to the shipped schema: in one statement, because each change may copy the table, and one by one if that is refused.
change_table() {
  local table=$1 joined why i
  ((${#clauses[@]} > 0)) || return 0
  joined=$(printf ', %s' "${clauses[@]}")
  if alter "$table" "${joined:2}"; then
    for i in "${!clauses[@]}"; do [[ -z ${done_texts[i]} ]] || say "${done_texts[i]}"; done
    return
  fi
  for i in "${!clauses[@]}"; do
    if ! alter "$table" "${clauses[i]}"; then
      say "left as it is: ${stay_texts[i]}: $why"
    elif [[ -n ${done_texts[i]} ]]; then
      say "${done_texts[i]}"
    fi
  done
}

mend_tables() {
  local changes table="" next clause done_text stay_text
  local -a clauses=() done_texts=() stay_texts=()
  changes=$(sed "s|/\* tables of earlier versions \*/|$former_tables|" "${BASH_SOURCE[0]%/*}/schema-changes.sql" | client)
  while IFS=$'\x1f' read -r next clause done_text stay_text; do
    if [[ $next != "$table" ]]; then
      change_table "$table"
      table=$next clauses=() done_texts=() stay_texts=()
    fi
    if [[ -n $clause ]]; then
      clauses+=("$clause") done_texts+=("$done_text") stay_texts+=("$stay_text")
    elif [[ -n $next ]]; then
      say "left as it is: $stay_text"
    fi
  done <<<"$changes"
  change_table "$table"
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
#
# The database records which password the platform set last, by a digest of its hash. If the Secret has another one, an
# operator wants the change, and it is made. If the table has another one, it was set in the console, and is kept.
set_administrator() {
  local hash row wanted given present enabled
  hash=$(</admin/passwordHash)
  if [[ ! $hash =~ ^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$ ]]; then
    fail "the administrator's password hash is not a bcrypt hash"
  fi
  row=$(run "
    CREATE TABLE IF NOT EXISTS $target.platform_administrator (
      username varchar(50) NOT NULL PRIMARY KEY,
      hash_sha256 char(64) NOT NULL,
      given_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP
    );
    SELECT CONCAT_WS(' ', SHA2('$hash', 256), IFNULL(p.hash_sha256, 'none'), IFNULL(SHA2(u.password, 256), 'none'), IFNULL(u.enabled, 1))
    FROM (SELECT '$admin' AS name) a
    LEFT JOIN $target.platform_administrator p ON p.username = a.name
    LEFT JOIN $target.users u ON u.username = a.name;")
  read -r wanted given present enabled <<<"$row"
  # A stack from before this record existed has been given a password all the same.
  if [[ $given == none && -n $1 ]]; then given=$wanted; fi
  if [[ $present == none || $given != "$wanted" ]]; then
    run "INSERT INTO $target.users (username, password, enabled) VALUES ('$admin', '$hash', TRUE) AS new
         ON DUPLICATE KEY UPDATE password = new.password, enabled = new.enabled;"
    say "user $admin has the password of Secret nacos-admin"
  elif [[ $present != "$wanted" ]]; then
    say "left as it is: user $admin has another password than Secret nacos-admin: it was changed in Nacos." \
      "\`npm run ops -- secrets rotate\` gives it a new one that is in the Secret"
  elif [[ $enabled != 1 ]]; then
    say "left as it is: user $admin is disabled"
  fi
  # Without an administrator, Nacos 2.4 and later makes the first user who asks one.
  run "INSERT IGNORE INTO $target.roles (username, role) VALUES ('$admin', 'ROLE_ADMIN');
       INSERT INTO $target.platform_administrator (username, hash_sha256) VALUES ('$admin', '$wanted') AS new
       ON DUPLICATE KEY UPDATE
         given_at = IF(platform_administrator.hash_sha256 = new.hash_sha256, platform_administrator.given_at, CURRENT_TIMESTAMP),
         hash_sha256 = new.hash_sha256;"
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
mend_tables
record
set_administrator "$recorded_versions"
say "the database has the schema of Nacos $version ($checksum)"
