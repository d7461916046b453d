#!/bin/bash
# Sourced by dump.sh, scratch.sh and load.sh: the counts of all three have the same form, and can be compared as text.
# shellcheck shell=bash

# counting CONDITION [SUFFIX]: a query whose rows are queries, one for each table that meets the condition. Each of these
# counts the rows of its table, as a JSON object; the suffix is removed from the database's name.
counting() {
  cat <<SQL
SELECT CONCAT('SELECT JSON_OBJECT(''database'', ', QUOTE(TRIM(TRAILING '${2:-}' FROM TABLE_SCHEMA)), ', ''table'', ', QUOTE(TABLE_NAME), ', ''rows'', COUNT(*)) FROM \`', TABLE_SCHEMA, '\`.\`', REPLACE(TABLE_NAME, '\`', '\`\`'), '\`;')
FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND $1 ORDER BY TABLE_SCHEMA, TABLE_NAME;
SQL
}
