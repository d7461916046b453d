import { DATABASE } from "../../contract/accounts";
import { Refusal } from "../../contract/refusal";
import { missingColumns, missingTables } from "./missing";
import type { Query, Table } from "./tables";
import { isThree, stepOf } from "./series";

/** A version of Nacos whose schema the database was brought to. */
export interface SchemaRecord {
  readonly version: string;
  /** Checksum of the file that shipped with it: SHA-256, hexadecimal. */
  readonly checksum: string;
}

/** The same, as the database has it. */
export interface RecordedSchema extends SchemaRecord {
  /** Of 3.x: whether all servers have been of 3.x. */
  readonly isComplete: boolean;
}

const TABLE = "platform_schema";
/** When the last server of 2.x was gone; NULL before. */
const COMPLETED = "completed_at";

/** The recorded versions; none for a database without a record. @param here its tables */
export async function readRecords(query: Query, here: readonly Table[]): Promise<RecordedSchema[]> {
  const table = here.find(({ name }) => name === TABLE);
  if (table === undefined) return [];
  const completed = hasCompleted(table) ? COMPLETED : "NULL";
  const rows = (await query(
    `SELECT nacos_version AS version, schema_sha256 AS checksum, ${completed} IS NOT NULL AS isComplete FROM ${DATABASE}.${TABLE}`,
  )) as unknown as (SchemaRecord & { readonly isComplete: number })[];
  return rows.map(({ version, checksum, isComplete }) => ({ version, checksum, isComplete: isComplete === 1 }));
}

function hasCompleted({ columns }: Table): boolean {
  return columns.some(({ name }) => name === COMPLETED);
}

/** Whether servers of 2.x may still run, or run again: an upgrade from 2.x to 3.x has not begun, or is under way. */
export function hasTwo(records: readonly RecordedSchema[]): boolean {
  return (
    records.some(({ version }) => !isThree(version)) &&
    !records.some(({ version, isComplete }) => isThree(version) && isComplete)
  );
}

/**
 * Records a version. A version that is recorded with this checksum keeps its time. With one of 2.x, no upgrade to 3.x is
 * complete any more.
 *
 * @param here the database's tables
 */
export async function writeRecord(
  query: Query,
  here: readonly Table[],
  { version, checksum }: SchemaRecord,
): Promise<void> {
  await query(
    `CREATE TABLE IF NOT EXISTS ${DATABASE}.${TABLE} (
       nacos_version varchar(32) NOT NULL PRIMARY KEY,
       schema_sha256 char(64) NOT NULL,
       applied_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
       ${COMPLETED} datetime
     )`,
  );
  const table = here.find(({ name }) => name === TABLE);
  if (table !== undefined && !hasCompleted(table))
    await query(`ALTER TABLE ${DATABASE}.${TABLE} ADD COLUMN ${COMPLETED} datetime`);
  if (!isThree(version)) await query(`UPDATE ${DATABASE}.${TABLE} SET ${COMPLETED} = NULL`);
  await query(
    `INSERT INTO ${DATABASE}.${TABLE} (nacos_version, schema_sha256) VALUES (?, ?) AS new
     ON DUPLICATE KEY UPDATE
       applied_at = IF(${TABLE}.schema_sha256 = new.schema_sha256, ${TABLE}.applied_at, CURRENT_TIMESTAMP),
       schema_sha256 = new.schema_sha256`,
    [version, checksum],
  );
}

/** Records that all servers are of this version, and none is of 2.x any more. */
export async function recordComplete(query: Query, version: string): Promise<void> {
  await query(`UPDATE ${DATABASE}.${TABLE} SET ${COMPLETED} = CURRENT_TIMESTAMP WHERE nacos_version = ?`, [version]);
}

/**
 * Nothing is ever taken out of the database, so a version can read what the next step has made of it. 3.x does not count
 * before all servers are of 3.x. A record with exactly the same file is no other schema.
 *
 * @throws Refusal if the database has the schema of a version that is more than one step newer
 */
export function requireReadable(records: readonly RecordedSchema[], { version, checksum }: SchemaRecord): void {
  const isUnderWay = hasTwo(records);
  const newer = records.find(
    (record) =>
      record.checksum !== checksum &&
      !(isUnderWay && isThree(record.version)) &&
      stepOf(record.version) > stepOf(version) + 1,
  );
  if (newer === undefined) return;
  throw new Refusal(
    "SCHEMA_DATABASE_NEWER",
    `the database has the schema of Nacos ${newer.version}, which is more than one step (2.2, 2.5, 3.0, 3.2) newer than ${version}. ` +
      `Deploy a version at most one step older, or restore a backup that was made with ${version}`,
  );
}

/**
 * It is unknown which version created these tables. If the shipped schema has all of them, they can be completed; if not,
 * they belong to something else.
 *
 * @param earlier names of tables that do not ship any more
 * @throws Refusal if the database has a table or a column that does not ship
 */
export function requireShipped(
  here: readonly Table[],
  ships: readonly Table[],
  earlier: readonly string[],
  version: string,
): void {
  const tables = missingTables(here, ships).filter((name) => !earlier.includes(name));
  const columns = missingColumns(here, ships).map(({ table, column }) => `${table} ${column}`);
  if (tables.length + columns.length === 0) return;
  throw new Refusal(
    "SCHEMA_DATABASE_FOREIGN",
    `the database has no record of a Nacos version, and has objects that the schema of ${version} lacks: ` +
      `tables (${tables.join(", ")}), columns (${columns.join(", ")}). ` +
      "If it belongs to another Nacos version, deploy that version first; if to something else, give Nacos an empty database",
  );
}
