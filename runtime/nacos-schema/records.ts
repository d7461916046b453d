import { DATABASE } from "../../contract/accounts";
import { Refusal } from "../../contract/refusal";
import { missingColumns, missingTables } from "./missing";
import type { Query, Table } from "./tables";
import { isNewer } from "./version";

/** A version of Nacos whose schema the database was brought to. */
export interface SchemaRecord {
  readonly version: string;
  /** Checksum of the file that shipped with it: SHA-256, hexadecimal. */
  readonly checksum: string;
}

const TABLE = "platform_schema";

/** The recorded versions; none for a database without a record. @param here its tables */
export async function readRecords(query: Query, here: readonly Table[]): Promise<SchemaRecord[]> {
  if (!here.some(({ name }) => name === TABLE)) return [];
  const rows = await query(`SELECT nacos_version AS version, schema_sha256 AS checksum FROM ${DATABASE}.${TABLE}`);
  return rows as unknown as SchemaRecord[];
}

/** Records a version. A version that is recorded with this checksum keeps its time. */
export async function writeRecord(query: Query, { version, checksum }: SchemaRecord): Promise<void> {
  await query(
    `CREATE TABLE IF NOT EXISTS ${DATABASE}.${TABLE} (
       nacos_version varchar(32) NOT NULL PRIMARY KEY,
       schema_sha256 char(64) NOT NULL,
       applied_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP
     )`,
  );
  await query(
    `INSERT INTO ${DATABASE}.${TABLE} (nacos_version, schema_sha256) VALUES (?, ?) AS new
     ON DUPLICATE KEY UPDATE
       applied_at = IF(${TABLE}.schema_sha256 = new.schema_sha256, ${TABLE}.applied_at, CURRENT_TIMESTAMP),
       schema_sha256 = new.schema_sha256`,
    [version, checksum],
  );
}

/**
 * A newer record with exactly the same file is not a newer schema: a return by one patch release stays possible.
 *
 * @throws Refusal if the database has a newer schema
 */
export function requireNoNewer(records: readonly SchemaRecord[], { version, checksum }: SchemaRecord): void {
  const newer = records.find((record) => record.checksum !== checksum && isNewer(record.version, version));
  if (newer === undefined) return;
  throw new Refusal(
    "SCHEMA_DATABASE_NEWER",
    `the database has the schema of Nacos ${newer.version}, which is newer than ${version}. ` +
      `Deploy ${newer.version} or newer, or restore a backup that was made with ${version}`,
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
