-- Differences of Nacos' tables (database nacos) from the shipped ones (nacosscratch) that ALTER TABLE can fix without losing
-- anything. One row each: table, clause, the message if it succeeds, and the message if it does not.
-- A row without a clause is a difference that stays.
--
-- Columns become as wide as either side has them, and as lenient about NULL: earlier versions of Nacos keep working.
WITH tables_here AS (
  SELECT TABLE_NAME AS name, TABLE_COLLATION AS has_collation, ROW_FORMAT AS format,
    TABLE_NAME IN (SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'nacosscratch') AS ships
  FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = 'nacos' AND TABLE_TYPE = 'BASE TABLE'
  -- Tables that earlier versions left are included; unknown tables belong to something else.
  HAVING ships OR name IN (/* tables of earlier versions */)
),
columns_both AS (
  SELECT
    c.TABLE_NAME AS tab, c.COLUMN_NAME AS col, c.ORDINAL_POSITION AS position, c.COLUMN_COMMENT AS remark,
    c.COLUMN_TYPE AS type, s.COLUMN_TYPE AS ships_type, c.COLLATION_NAME AS has_collation, c.EXTRA AS extra, s.EXTRA AS ships_extra,
    c.COLUMN_DEFAULT AS preset, s.COLUMN_DEFAULT AS ships_preset, c.IS_NULLABLE = 'YES' AS lenient,
    c.IS_NULLABLE = 'NO' AND s.IS_NULLABLE = 'YES' AND c.COLUMN_KEY <> 'PRI' AS too_strict,
    CASE
      WHEN s.COLUMN_NAME IS NULL OR c.COLUMN_TYPE = s.COLUMN_TYPE THEN 'same'
      WHEN c.DATA_TYPE IN ('char', 'varchar') AND s.DATA_TYPE = 'varchar' AND c.CHARACTER_MAXIMUM_LENGTH <= s.CHARACTER_MAXIMUM_LENGTH
        OR c.DATA_TYPE = 'char' AND s.DATA_TYPE = 'char' AND c.CHARACTER_MAXIMUM_LENGTH < s.CHARACTER_MAXIMUM_LENGTH
        OR (c.DATA_TYPE IN ('char', 'varchar') OR c.DATA_TYPE LIKE '%text') AND s.DATA_TYPE LIKE '%text' AND c.CHARACTER_MAXIMUM_LENGTH < s.CHARACTER_MAXIMUM_LENGTH
        OR c.DATA_TYPE = 'datetime' AND s.DATA_TYPE = 'datetime' AND c.DATETIME_PRECISION < s.DATETIME_PRECISION
        OR c.DATA_TYPE LIKE '%int' AND s.DATA_TYPE LIKE '%int' AND c.NUMERIC_PRECISION < s.NUMERIC_PRECISION
          AND (c.COLUMN_TYPE LIKE '%unsigned' OR s.COLUMN_TYPE NOT LIKE '%unsigned')
      THEN 'narrower'
      WHEN (c.DATA_TYPE IN ('char', 'varchar') OR c.DATA_TYPE LIKE '%text') AND s.CHARACTER_MAXIMUM_LENGTH <= c.CHARACTER_MAXIMUM_LENGTH
        OR c.DATA_TYPE = 'datetime' AND s.DATA_TYPE = 'datetime'
        OR c.DATA_TYPE LIKE '%int' AND s.DATA_TYPE LIKE '%int' AND s.NUMERIC_PRECISION < c.NUMERIC_PRECISION
          AND (s.COLUMN_TYPE LIKE '%unsigned' OR c.COLUMN_TYPE NOT LIKE '%unsigned')
      THEN 'wider'
      ELSE 'other'
    END AS is_here
  FROM tables_here t
  JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = 'nacos' AND c.TABLE_NAME = t.name AND c.GENERATION_EXPRESSION = ''
  LEFT JOIN information_schema.COLUMNS s ON s.TABLE_SCHEMA = 'nacosscratch' AND s.TABLE_NAME = c.TABLE_NAME AND s.COLUMN_NAME = c.COLUMN_NAME
),
columns_to_be AS (
  SELECT columns_both.*, is_here = 'narrower' AS widened, IF(is_here = 'narrower', ships_type, type) AS to_be,
    has_collation IS NOT NULL AND has_collation <> 'utf8mb4_bin' AS converted,
    -- The default of a time depends on its precision, and a text has none.
    preset IS NULL AND ships_preset IS NOT NULL AND is_here IN ('same', 'narrower') AS takes_preset
  FROM columns_both
),
clauses AS (
  SELECT *, CONCAT(
    'MODIFY COLUMN `', col, '` ', to_be,
    IF(has_collation IS NULL, '', ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'),
    IF(lenient OR too_strict, ' NULL', ' NOT NULL'),
    CASE
      WHEN takes_preset OR widened AND ships_preset IS NOT NULL
        THEN CONCAT(' DEFAULT ', IF(ships_extra LIKE '%DEFAULT_GENERATED%', ships_preset, QUOTE(ships_preset)))
      WHEN preset IS NOT NULL AND NOT (widened AND (to_be LIKE '%text' OR to_be LIKE 'datetime%'))
        THEN CONCAT(' DEFAULT ', IF(extra LIKE '%DEFAULT_GENERATED%', preset, QUOTE(preset)))
      ELSE ''
    END,
    ' ', TRIM(REPLACE(IF(widened, ships_extra, extra), 'DEFAULT_GENERATED', '')),
    ' COMMENT ', QUOTE(remark)) AS clause
  FROM columns_to_be
),
indexes AS (
  SELECT TABLE_SCHEMA AS base, TABLE_NAME AS tab, INDEX_NAME AS name, NON_UNIQUE AS repeats,
    GROUP_CONCAT(CONCAT('`', COLUMN_NAME, '`', IFNULL(CONCAT('(', SUB_PART, ')'), '')) ORDER BY SEQ_IN_INDEX) AS cols
  FROM information_schema.STATISTICS
  WHERE TABLE_SCHEMA IN ('nacos', 'nacosscratch')
  GROUP BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE
)
SELECT CONCAT_WS(CHAR(31), tab, clause, done, stays) FROM (
  SELECT name AS tab, 0 AS position,
    CONCAT(IF(format IN ('Dynamic', 'Compressed'), '', 'ROW_FORMAT=DYNAMIC, '), 'DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin') AS clause,
    CONCAT('converted table ', name, ' to utf8mb4_bin') AS done,
    CONCAT('table ', name, ' is ', has_collation) AS stays
  FROM tables_here t
  WHERE has_collation <> 'utf8mb4_bin' OR EXISTS (SELECT 1 FROM clauses c WHERE c.tab = t.name AND c.converted)
  UNION ALL
  SELECT tab, position, clause,
    CASE
      WHEN widened THEN CONCAT('widened column ', tab, '.', col, ' from ', type, ' to ', to_be)
      WHEN too_strict THEN CONCAT('column ', tab, '.', col, ' may be NULL')
      WHEN takes_preset THEN CONCAT('column ', tab, '.', col, ' has a default')
      ELSE ''
    END,
    CONCAT('column ', tab, '.', col, ' is ', type, IFNULL(CONCAT(' ', has_collation), ''), ' and should be ', to_be, IF(has_collation IS NULL, '', ' utf8mb4_bin'))
  FROM clauses
  WHERE converted OR widened OR too_strict OR takes_preset
  UNION ALL
  SELECT tab, position, '', '', CONCAT('column ', tab, '.', col, ' is ', type, ' and ships as ', ships_type, ': ',
    IF(is_here = 'wider', 'it is wider, and holds all that the shipped one would', 'neither holds all that the other may'))
  FROM columns_to_be
  WHERE is_here IN ('wider', 'other')
  UNION ALL
  SELECT s.tab, 10000, IF(taken.name IS NOT NULL, '', CONCAT('ADD ',
      CASE WHEN s.name = 'PRIMARY' THEN 'PRIMARY KEY' WHEN s.repeats THEN CONCAT('KEY `', s.name, '`') ELSE CONCAT('UNIQUE KEY `', s.name, '`') END,
      ' (', s.cols, ')')),
    CONCAT('added index ', s.tab, '.', s.name),
    CONCAT('index ', s.tab, '.', s.name, ' ships as ', IF(s.repeats, '', 'unique '), s.cols,
      IF(taken.name IS NULL, '', CONCAT(', and is ', IF(taken.repeats, '', 'unique '), taken.cols, ': drop it by hand if nothing else needs it')))
  FROM indexes s
  JOIN tables_here t ON t.name = s.tab
  LEFT JOIN indexes equal ON equal.base = 'nacos' AND equal.tab = s.tab AND equal.cols = s.cols AND equal.repeats = s.repeats
  LEFT JOIN indexes taken ON taken.base = 'nacos' AND taken.tab = s.tab AND taken.name = s.name
  WHERE s.base = 'nacosscratch' AND equal.name IS NULL
) changes
ORDER BY tab, position;
