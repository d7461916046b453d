import { escape, escapeId } from "mysql2";
import { DATABASE, REHEARSAL_DATABASE } from "../../contract/accounts";
import type { BrokenView } from "./broken-views";
import { tenantsOf, type Selection } from "../nacos-configurations/configuration";

/**
 * Every SQL statement of backup, verification and restore. The steps that plan write those that shell scripts run to files;
 * the scripts pipe the files to a client and know no statement, except those that start and stop a scratch instance.
 */

/** Databases that are in no backup: those of MySQL, and what a restore that was interrupted may have left. */
const NOT_BACKED_UP = ["mysql", "information_schema", "performance_schema", "sys", REHEARSAL_DATABASE];

/** A snapshot must outlast the dump, and a session is idle meanwhile. */
const IDLE_SECONDS = 86_400;

/** The session in addition to mysqldump's, whose snapshot the rows are counted in. */
export const SNAPSHOT_SESSION = [
  `SET SESSION wait_timeout = ${IDLE_SECONDS};`,
  "SET SESSION time_zone = '+00:00';",
  "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;",
].join("\n");

export const OPEN_SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT;";

/** Blocks commits, then opens the snapshot. @param seconds after which it gives up, because later statements wait behind it */
export function lockAndOpenSnapshot(seconds: number): string {
  return [
    `SET SESSION lock_wait_timeout = ${seconds};`,
    "FLUSH LOCAL TABLES;",
    "FLUSH TABLES WITH READ LOCK;",
    OPEN_SNAPSHOT,
  ].join("\n");
}

export const UNLOCK = "UNLOCK TABLES;";

/** The transactions that the server has, on one line. */
export const TRANSACTIONS = "SELECT REPLACE(@@GLOBAL.gtid_executed, '\\n', '') AS transactions;";

/** Four lines: transactions, name of the backup, identity of the server, version of the server. */
export const POSITION = [
  TRANSACTIONS,
  "SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y%m%dT%H%i%SZ');",
  "SELECT @@GLOBAL.server_uuid;",
  "SELECT @@GLOBAL.version;",
].join("\n");

/** The databases of a backup, in order. */
export const DATABASES = `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE ${backedUp("SCHEMA_NAME")} ORDER BY SCHEMA_NAME;`;

/** The same list, which the session remembers for {@link countRemembered}. */
export const LIST_AND_REMEMBER_DATABASES = [
  `SET @databases = (SELECT JSON_ARRAYAGG(SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE ${backedUp("SCHEMA_NAME")});`,
  DATABASES,
].join("\n");

/** The comment of a view that is not broken is "VIEW". */
const OF_BROKEN_VIEWS =
  "FROM information_schema.VIEWS JOIN information_schema.TABLES USING (TABLE_SCHEMA, TABLE_NAME) " +
  `WHERE TABLE_COMMENT <> 'VIEW' AND ${backedUp("TABLE_SCHEMA")} ORDER BY TABLE_SCHEMA, TABLE_NAME;`;

/** The account that a view runs as, as an expression. */
const OF_DEFINER =
  "CONCAT(QUOTE(LEFT(DEFINER, CHAR_LENGTH(DEFINER) - LOCATE('@', REVERSE(DEFINER)))), '@', QUOTE(SUBSTRING_INDEX(DEFINER, '@', -1)))";

/** Views that refer to what does not exist, or that their definer may not read. One JSON object for each. */
export const BROKEN_VIEWS =
  `SELECT JSON_OBJECT('database', TABLE_SCHEMA, 'view', TABLE_NAME, 'definition', CONCAT('CREATE OR REPLACE DEFINER = ', ${OF_DEFINER}, ` +
  "' SQL SECURITY ', SECURITY_TYPE, ' VIEW `', TABLE_SCHEMA, '`.`', REPLACE(TABLE_NAME, '`', '``'), '` AS ', VIEW_DEFINITION, " +
  `IF(CHECK_OPTION = 'NONE', '', CONCAT(' WITH ', CHECK_OPTION, ' CHECK OPTION')))) ${OF_BROKEN_VIEWS}`;

/** The options with which mysqldump leaves the same views out: it would end there. */
export const LEAVING_OUT = `SELECT CONCAT('--ignore-table=', TABLE_SCHEMA, '.', TABLE_NAME) ${OF_BROKEN_VIEWS}`;

/** No backup may have a database of this name. */
const NOWHERE = "of broken views";

/**
 * Creates views that refer to what does not exist. MySQL creates none that does, but what it refers to may be dropped. So logs
 * that drop or change a broken view can be applied, although the dump lacks it.
 */
export function createBrokenViews(views: readonly BrokenView[]): string {
  if (views.length === 0) return "";
  const table = `${escapeId(NOWHERE)}.t`;
  return [
    createDatabase(NOWHERE),
    `CREATE TABLE ${table} (i INT);`,
    ...views.map(({ database, view }) => `CREATE VIEW ${qualified(database, view)} AS SELECT i FROM ${table};`),
    `DROP DATABASE ${escapeId(NOWHERE)};`,
  ].join("\n");
}

/** As {@link countRows}, for the databases that the session remembers. A database that was created since then is not in its snapshot. */
export function countRemembered(): string {
  return counting("JSON_CONTAINS(@databases, JSON_QUOTE(TABLE_SCHEMA))", "");
}

/**
 * Queries whose rows are statements: one for each of these views that the logs have neither dropped nor changed. It fails if what
 * the view refers to is still missing.
 */
export function defineBrokenViews(views: readonly BrokenView[]): string {
  return views
    .map(
      ({ database, view, definition }) =>
        `SELECT ${escape(`USE ${escapeId(database, true)};\n${definition};`)} FROM information_schema.VIEWS ` +
        `WHERE TABLE_SCHEMA = ${escape(database)} AND TABLE_NAME = ${escape(view)} AND LOCATE(${escape(escapeId(NOWHERE))}, VIEW_DEFINITION);`,
    )
    .join("\n");
}

/**
 * A query whose rows are queries, one for each table. Each of these counts the rows of its table, as a JSON object. All counts
 * have the same form, so that they can be compared.
 *
 * @param suffix which is removed from the databases' names
 */
export function countRows(databases: readonly string[], suffix = ""): string {
  return counting(`TABLE_SCHEMA IN (${list(databases)})`, suffix);
}

/** The same for every database of a backup. */
export function countAllRows(): string {
  return counting(backedUp("TABLE_SCHEMA"), "");
}

function counting(condition: string, suffix: string): string {
  const database = suffix === "" ? "TABLE_SCHEMA" : `TRIM(TRAILING ${escape(suffix)} FROM TABLE_SCHEMA)`;
  return (
    `SELECT CONCAT('SELECT JSON_OBJECT(''database'', ', QUOTE(${database}), ', ''table'', ', QUOTE(TABLE_NAME), ` +
    "', ''rows'', COUNT(*)) FROM `', TABLE_SCHEMA, '`.`', REPLACE(TABLE_NAME, '`', '``'), '`;') " +
    `FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND ${condition} ORDER BY TABLE_SCHEMA, TABLE_NAME;`
  );
}

/** What a server is, for the choice of one to dump from. */
export const READ_ONLY = "SELECT @@GLOBAL.super_read_only AS readOnly";
export const REPLICATION = "SHOW REPLICA STATUS";

/** Of a scratch instance: lines of name, character set and collation. */
export const DATABASES_WITH_CHARACTERS = `SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE ${backedUp("SCHEMA_NAME")} ORDER BY SCHEMA_NAME;`;

/** What a verification runs in the scratch instance. */
export interface ReplayedPlan {
  readonly from: string;
  readonly target: string;
  readonly excluded: string;
  readonly stopBefore?: string;
  /** Views that the dump lacks. */
  readonly brokenViews?: readonly BrokenView[];
  /** Configurations of Nacos that are read. */
  readonly configurations?: Selection;
}

/** The files of prove.sh, by name without `.sql`. A file is empty if there is nothing to run. */
export function verificationStatements({
  from,
  target,
  excluded,
  stopBefore,
  brokenViews = [],
  configurations,
}: ReplayedPlan): Record<string, string> {
  const until = stopBefore === undefined ? "" : ` UNTIL SQL_BEFORE_GTIDS = ${escape(stopBefore)}`;
  return {
    version: "SELECT VERSION();",
    // Only a server that must survive a crash needs a redo log.
    "before-load": "ALTER INSTANCE DISABLE INNODB REDO_LOG;",
    "after-load": `${createBrokenViews(brokenViews)}\nALTER INSTANCE ENABLE INNODB REDO_LOG;`,
    // The transactions of the dump, by its manifest. Those that must not be applied are recorded as applied.
    "take-over": `SET GLOBAL gtid_purged = ${escape(from)};`,
    exclude: excluded === "" ? "" : `SET GLOBAL gtid_purged = ${escape(`+${excluded}`)};`,
    transactions: TRANSACTIONS,
    counts: countAllRows(),
    databases: DATABASES_WITH_CHARACTERS,
    "define-views": defineBrokenViews(brokenViews),
    "broken-views": BROKEN_VIEWS,
    "leaving-out": LEAVING_OUT,
    configurations: configurations === undefined ? "" : configurationQueries(configurations, true).join("\n"),
    checks:
      "SELECT CONCAT('CHECK TABLE `', TABLE_SCHEMA, '`.`', REPLACE(TABLE_NAME, '`', '``'), '`;') " +
      `FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND ${backedUp("TABLE_SCHEMA")};`,
    replay:
      "CHANGE REPLICATION SOURCE TO RELAY_LOG_FILE = 'relay.000001', RELAY_LOG_POS = 4, SOURCE_HOST = 'nowhere';\n" +
      `START REPLICA SQL_THREAD${until};`,
    "is-replayed": `SELECT GTID_SUBSET(${escape(target)}, @@GLOBAL.gtid_executed);`,
    "replication-status": `${REPLICATION};`,
    "after-replay": "STOP REPLICA;",
    "nacos-tables":
      "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'nacos' AND TABLE_NAME IN ('config_info', 'users', 'roles');",
    administrators:
      "SELECT COUNT(*) FROM nacos.users JOIN nacos.roles USING (username) WHERE role = 'ROLE_ADMIN' AND enabled;",
  };
}

const CONTENT = "content";
const KEY = ["tenant_id", "group_id", "data_id"];
const CONFIGURATION = [
  ...KEY,
  ...["md5", "gmt_modified", "src_user", "type", "app_name", "c_desc", "c_use", "effect", "c_schema"],
  "encrypted_data_key",
];

/**
 * Queries whose rows are queries, one for each of these tables that exists. The rows of those are rows of the table as JSON
 * objects, with the columns that it has: a backup may be from another version of Nacos.
 */
export function configurationQueries({ namespace, group, dataId }: Selection, withContent: boolean): string[] {
  const inNamespace = `tenant_id IN (${list(tenantsOf(namespace))})`;
  const selected = [
    inNamespace,
    ...(group === undefined ? [] : [`group_id = ${escape(group)}`]),
    ...(dataId === undefined ? [] : [`data_id = ${escape(dataId)}`]),
  ].join(" AND ");
  return [
    asObjects("tenant_info", ["tenant_id", "tenant_name", "tenant_desc"], inNamespace),
    asObjects("config_tags_relation", [...KEY, "tag_name"], selected),
    asObjects("config_info", [...CONFIGURATION, ...(withContent ? [CONTENT] : [])], selected),
  ];
}

function asObjects(table: string, columns: readonly string[], condition: string): string {
  const start = `SELECT CAST(JSON_OBJECT('table', ${escape(table)}`;
  const end = `) AS CHAR) AS object FROM ${DATABASE}.${table} WHERE ${condition};`;
  return (
    `SELECT CONCAT(${escape(start)}, GROUP_CONCAT(', ', QUOTE(COLUMN_NAME), ', ', COLUMN_NAME SEPARATOR ''), ${escape(end)}) AS query ` +
    `FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ${escape(DATABASE)} AND TABLE_NAME = ${escape(table)} ` +
    `AND COLUMN_NAME IN (${list(columns)}) HAVING COUNT(*) > 0;`
  );
}

/** The checksum of a configuration. */
export function configurationMd5(tenant: string, group: string, dataId: string): string {
  return (
    `SELECT md5 FROM ${DATABASE}.config_info ` +
    `WHERE tenant_id = ${escape(tenant)} AND group_id = ${escape(group)} AND data_id = ${escape(dataId)}`
  );
}

/** A database with its defaults for text. */
export interface Database {
  readonly name: string;
  readonly characterSet: string;
  readonly collation: string;
}

/** @param like whose defaults the new database gets; none: the server's */
export function createDatabase(name: string, like?: Database): string {
  const characters = like === undefined ? "" : ` CHARACTER SET ${like.characterSet} COLLATE ${like.collation}`;
  return `CREATE DATABASE ${escapeId(name, true)}${characters};`;
}

export function dropDatabaseIfExists(name: string): string {
  return `DROP DATABASE IF EXISTS ${escapeId(name, true)};`;
}

export const MAX_PACKET = "SELECT @@GLOBAL.max_allowed_packet AS bytes";

export function setMaxPacket(bytes: number): string {
  return `SET GLOBAL max_allowed_packet = ${bytes};`;
}

/** The table of performance_schema is empty if that is switched off. */
export const SESSIONS = "SHOW PROCESSLIST";

export const OWN_SESSION = "SELECT CONNECTION_ID() AS id, SUBSTRING_INDEX(USER(), '@', 1) AS user";

export function endSession(id: number): string {
  return `KILL ${id}`;
}

function backedUp(column: string): string {
  return `${column} NOT IN (${list(NOT_BACKED_UP)})`;
}

function qualified(database: string, name: string): string {
  return `${escapeId(database, true)}.${escapeId(name, true)}`;
}

function list(names: readonly string[]): string {
  return names.map((name) => escape(name)).join(", ");
}
