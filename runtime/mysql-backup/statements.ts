import { escape, escapeId } from "mysql2";

/**
 * Every SQL statement of backup, verification and restore. The steps that plan write those that shell scripts run to files;
 * the scripts pipe the files to a client and know no statement, except those that start and stop a scratch instance.
 */

const SYSTEM_DATABASES = ["mysql", "information_schema", "performance_schema", "sys"];

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

/** The databases that are not MySQL's own, in order. */
export function listDatabases(excluded: readonly string[] = []): string {
  return `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE ${notSystem("SCHEMA_NAME", excluded)} ORDER BY SCHEMA_NAME;`;
}

/** The same list, which the session remembers for {@link countRemembered}. */
export function listAndRememberDatabases(excluded: readonly string[]): string {
  return [
    `SET @databases = (SELECT JSON_ARRAYAGG(SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE ${notSystem("SCHEMA_NAME", excluded)});`,
    listDatabases(excluded),
  ].join("\n");
}

/** As {@link countRows}, for the databases that the session remembers. A database that was created since then is not in its snapshot. */
export function countRemembered(): string {
  return counting("JSON_CONTAINS(@databases, JSON_QUOTE(TABLE_SCHEMA))", "");
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

/** The same for every database except MySQL's own. */
export function countAllRows(): string {
  return counting(notSystem("TABLE_SCHEMA", []), "");
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
export const DATABASES_WITH_CHARACTERS = `SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE ${notSystem("SCHEMA_NAME", [])} ORDER BY SCHEMA_NAME;`;

/** What a verification runs in the scratch instance. */
export interface ReplayedPlan {
  readonly from: string;
  readonly target: string;
  readonly excluded: string;
  readonly stopBefore?: string;
}

/** The files of prove.sh, by name without `.sql`. A file is empty if there is nothing to run. */
export function verificationStatements({ from, target, excluded, stopBefore }: ReplayedPlan): Record<string, string> {
  const until = stopBefore === undefined ? "" : ` UNTIL SQL_BEFORE_GTIDS = ${escape(stopBefore)}`;
  return {
    version: "SELECT VERSION();",
    // Only a server that must survive a crash needs a redo log.
    "before-load": "ALTER INSTANCE DISABLE INNODB REDO_LOG;",
    "after-load": "ALTER INSTANCE ENABLE INNODB REDO_LOG;",
    // The transactions of the dump, by its manifest. Those that must not be applied are recorded as applied.
    "take-over": `SET GLOBAL gtid_purged = ${escape(from)};`,
    exclude: excluded === "" ? "" : `SET GLOBAL gtid_purged = ${escape(`+${excluded}`)};`,
    transactions: TRANSACTIONS,
    counts: countAllRows(),
    databases: DATABASES_WITH_CHARACTERS,
    checks:
      "SELECT CONCAT('CHECK TABLE `', TABLE_SCHEMA, '`.`', REPLACE(TABLE_NAME, '`', '``'), '`;') " +
      `FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND ${notSystem("TABLE_SCHEMA", [])};`,
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

export function dropDatabase(name: string): string {
  return `DROP DATABASE ${escapeId(name, true)};`;
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

function notSystem(column: string, more: readonly string[]): string {
  return `${column} NOT IN (${list([...SYSTEM_DATABASES, ...more])})`;
}

function list(names: readonly string[]): string {
  return names.map((name) => escape(name)).join(", ");
}
