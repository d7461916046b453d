import { DATABASE, SCRATCH_DATABASE } from "../../contract/accounts";
import { Failure, Refusal } from "../../contract/refusal";
import { setAdministrator } from "./administrator";
import { changeTables, TO_COLLATION } from "./change";
import { columnDefinition, missingColumns, missingTables } from "./missing";
import { planTables } from "./plan";
import { freeze, frozenUntil } from "./freeze";
import { hasTwo, readRecords, requireReadable, requireShipped, writeRecord, type SchemaRecord } from "./records";
import { isThree } from "./series";
import { quoted, readTables, type Query, type Table } from "./tables";
import { requireNoNamespacePublic, requireNoTwins } from "./twins";

/** MySQL, for this program. */
export interface Session {
  readonly query: Query;
  /** Runs a text of many statements in the scratch database. */
  readonly load: (statements: string) => Promise<void>;
}

export interface Task extends SchemaRecord {
  /** What ships with the version, without its character sets: statements. */
  readonly shipped: string;
  readonly administrator: { readonly name: string; readonly hash: string };
  /** Whether servers of 2.x and 3.x may run side by side now. */
  readonly isUpgrade: boolean;
}

/** Created by 2.2 to 2.4 and no longer shipped. They stay: a return to those versions needs them. */
export const EARLIER_TABLES = ["config_info_aggr", "config_info_beta", "config_info_tag"];

/**
 * Brings the database to the schema that ships with the Nacos version being deployed, adding and widening only. The shipped
 * file is loaded into a scratch database and the two are compared, so that neither its spelling nor its seed rows (a
 * well-known administrator password, up to 2.3) affect the real one.
 *
 * It can be repeated, wherever it was interrupted. If servers of 2.x and 3.x are about to run side by side, it freezes publishing
 * in the end: what is published to servers of both would keep those of 3.x from starting.
 *
 * @throws Refusal if this version must not change the database, which is then unchanged; Failure if the file does not load or a
 *   table cannot be changed; the server's error otherwise
 */
export async function applySchema(session: Session, task: Task, say: (line: string) => void): Promise<void> {
  const { query } = session;
  try {
    await dropScratch(query);
    await query(`CREATE DATABASE ${SCRATCH_DATABASE} ${TO_COLLATION}`);
    await session.load(task.shipped).catch((error: Error) => {
      throw new Failure(
        "SCHEMA_FILE_NOT_LOADED",
        `the schema of Nacos ${task.version} cannot be loaded: ${error.message}`,
        { cause: error },
      );
    });
    const here = await readTables(query, DATABASE);
    const ships = await readTables(query, SCRATCH_DATABASE);
    const records = await readRecords(query, here);
    if (records.length > 0) requireReadable(records, task);
    else requireShipped(here, ships, EARLIER_TABLES, task.version);
    const mayHaveTwo = records.length === 0 || hasTwo(records);
    if (isThree(task.version)) {
      await requireNoTwins(query, here);
      if (mayHaveTwo) await requireNoNamespacePublic(query, here);
    }
    if (!task.isUpgrade) await requireNotFrozen(query);
    await addMissing(query, here, ships, say);
    await changeTables(query, planTables(here, ships, EARLIER_TABLES), say);
    await writeRecord(query, here, task);
    await setAdministrator(query, { ...task.administrator, recorded: records.length > 0 }, say);
    if (task.isUpgrade && isThree(task.version) && hasTwo(records))
      await freeze(query, await readTables(query, DATABASE), task.version, say);
  } finally {
    await dropScratch(query).catch(() => undefined);
  }
  say(`the database has the schema of Nacos ${task.version} (${task.checksum})`);
}

/** An upgrade that is under way must not be forgotten: nobody would end the freeze. */
async function requireNotFrozen(query: Query): Promise<void> {
  const until = await frozenUntil(query);
  if (until !== undefined)
    throw new Refusal(
      "SCHEMA_PUBLISHING_FROZEN",
      `publishing is frozen until ${until} UTC, because an upgrade from 2.x to 3.x has begun. ` +
        "To end it: pulumi config set --path nacos-platform:nacos.seriesUpgrade complete",
    );
}

async function dropScratch(query: Query): Promise<void> {
  await query(`DROP DATABASE IF EXISTS ${SCRATCH_DATABASE}`);
}

async function addMissing(
  query: Query,
  here: readonly Table[],
  ships: readonly Table[],
  say: (line: string) => void,
): Promise<void> {
  // Not with LIKE: who replays the binary log later may not have the scratch database.
  const shipped = async (table: string): Promise<string> =>
    String((await query(`SHOW CREATE TABLE ${SCRATCH_DATABASE}.${quoted(table)}`))[0]["Create Table"]);
  for (const table of missingTables(ships, here)) {
    const definition = (await shipped(table)).replace(/^CREATE TABLE /, `CREATE TABLE ${DATABASE}.`);
    await query(definition);
    say(`created table ${table}`);
  }
  for (const { table, column } of missingColumns(ships, here)) {
    const definition = columnDefinition(await shipped(table), column);
    await query(`ALTER TABLE ${DATABASE}.${quoted(table)} ADD COLUMN ${definition}`);
    say(`added column ${table}.${column}`);
  }
}
