import { asFiles, asLines } from "./folder";
import { REHEARSAL_DATABASE } from "../../contract/accounts";
import { countRows, createDatabase, type Database, dropDatabaseIfExists } from "./statements";

/** What a restore does: only report, create databases under other names, or replace the live ones. */
export type LoadMode = "fresh" | "in-place";

/** One dump of the scratch instance that is piped into the primary. */
export interface Load {
  /** What the primary is like if this fails half-way. */
  readonly ifInterrupted: string;
  /** Statements before the dump, and the failure if the primary refuses them. */
  readonly before: string;
  readonly beforeRefused: string;
  /** Arguments of mysqldump: options and databases. */
  readonly dump: readonly string[];
  /** A script for sed that changes the dump; none: nothing is changed. */
  readonly filter?: string;
  /** The database that the dump goes to; none: the dump names them. */
  readonly into?: string;
  readonly refused: string;
  /** Statements after the dump, whether it succeeded or not. */
  readonly after: string;
}

export const UNCHANGED = "nothing was restored";

/** What is to be said of the primary if a restore fails after it has begun to change the databases. */
export function ifInterrupted(mode: LoadMode, suffix: string): string {
  return mode === "in-place"
    ? "the databases are incomplete, run the restore again"
    : `the databases with names in ${suffix} are incomplete, drop them`;
}

/**
 * What load.sh does, in this order.
 *
 * @param suffix of the databases' names, if they are not replaced
 * @param options of every dump
 */
export function loads(
  mode: LoadMode,
  databases: readonly Database[],
  suffix: string,
  options: readonly string[],
): Load[] {
  const all =
    mode === "in-place"
      ? [...databases.map(rehearsal), inPlace(databases.map(({ name }) => name))]
      : databases.map((database) => fresh(database, suffix));
  return all.map((load) => ({ ...load, dump: [...options, ...load.dump] }));
}

/**
 * Everything except the rows, under another name, and dropped again: if the primary refuses something, for example a definer, it
 * does so before anything is replaced. Without events, which would run. A restore that was interrupted may have left its rehearsal,
 * and may have dropped what views refer to in any database: they get another query.
 */
function rehearsal({ name }: Database): Load {
  const into = REHEARSAL_DATABASE;
  return {
    ifInterrupted: UNCHANGED,
    before: [dropDatabaseIfExists(into), createDatabase(into)].join("\n"),
    beforeRefused: `the database ${into} cannot be created`,
    dump: ["--no-data", name],
    filter: [
      "s#^(/\\*!50001 VIEW `([^`]|``)*` ).*#\\1AS SELECT 1 */;#",
      "\\#^/\\*!50002 WITH (CASCADED|LOCAL) CHECK OPTION#d",
    ].join("\n"),
    into,
    refused: `the primary would refuse ${name}`,
    after: dropDatabaseIfExists(into),
  };
}

function inPlace(names: readonly string[]): Load {
  return {
    ifInterrupted: ifInterrupted("in-place", ""),
    before: names.map(dropDatabaseIfExists).join("\n"),
    beforeRefused: "the primary refused",
    dump: ["--events", "--databases", ...names],
    refused: "the primary refused",
    after: "",
  };
}

/** Without events: beside the live databases they would run twice. */
function fresh(database: Database, suffix: string): Load {
  const into = `${database.name}${suffix}`;
  return {
    ifInterrupted: ifInterrupted("fresh", suffix),
    before: createDatabase(into, database),
    beforeRefused: `the database ${into} cannot be created`,
    dump: [database.name],
    into,
    refused: "the primary refused",
    after: "",
  };
}

/** Counts the loaded rows, under the names that the databases have in the backup. */
export function countLoaded(mode: LoadMode, databases: readonly Database[], suffix: string): string {
  const names = databases.map(({ name }) => name);
  return mode === "in-place"
    ? countRows(names)
    : countRows(
        names.map((name) => `${name}${suffix}`),
        suffix,
      );
}

/** As load.sh reads it. */
export function loadFiles(load: Load): Record<string, string> {
  return {
    "if-interrupted": load.ifInterrupted,
    "before-refused": load.beforeRefused,
    dump: asLines(load.dump),
    filter: load.filter ?? "",
    into: load.into ?? "",
    refused: load.refused,
    ...asFiles({ before: load.before, after: load.after }),
  };
}

/** A row, as a statement, may be twice as long as in a packet. */
export function smallPacketNote(packetBytes: number): string {
  return `note: rows of more than about ${Math.floor(packetBytes / 2 ** 21)} MiB may be refused, as max_allowed_packet stays as it is`;
}
