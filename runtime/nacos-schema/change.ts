import { DATABASE } from "../../contract/accounts";
import { Failure } from "../../contract/refusal";
import { quoted, type Query } from "./tables";

/** Every table and column gets it: emoji can be published, and data IDs that differ only by case are different. */
export const COLLATION = "utf8mb4_bin";
export const TO_COLLATION = `CHARACTER SET utf8mb4 COLLATE ${COLLATION}`;

/** A change of a table that loses nothing. */
export interface Change {
  /** As ALTER TABLE takes it. */
  readonly clause: string;
  /** What to say if it succeeds; undefined if another change says it. */
  readonly done?: string;
  /** What to say if it does not. */
  readonly stays: string;
}

/** What brings one table to the shipped schema. */
export interface TablePlan {
  readonly table: string;
  readonly changes: readonly Change[];
  /** Differences that stay, one sentence for each. */
  readonly differences: readonly string[];
}

/**
 * The server refuses a change because of the table's content: duplicate rows, a default, key or row that does not fit, NULL,
 * text and numbers that do not fit, foreign keys.
 */
const CONTENT_REFUSES = [
  1062, 1067, 1071, 1101, 1118, 1138, 1170, 1264, 1265, 1292, 1366, 1406, 1832, 1833, 1834, 3780,
];

/**
 * Brings tables to the shipped schema, and says what was changed and what was not.
 *
 * @throws Failure if the server refuses a change for another reason than the table's content
 */
export async function changeTables(
  query: Query,
  plans: readonly TablePlan[],
  say: (line: string) => void,
): Promise<void> {
  // Strict, so that no value is truncated; dates that were accepted once stay.
  await query("SET SESSION sql_mode = 'STRICT_ALL_TABLES', lock_wait_timeout = 60");
  for (const plan of plans) await changeTable(query, plan, say);
  await query("SET SESSION sql_mode = DEFAULT, lock_wait_timeout = DEFAULT");
}

/** In one statement, because each change may copy the table, and one by one if that is refused. */
async function changeTable(
  query: Query,
  { table, changes, differences }: TablePlan,
  say: (line: string) => void,
): Promise<void> {
  for (const difference of differences) say(`left as it is: ${difference}`);
  const refusal = await alter(
    query,
    table,
    changes.map(({ clause }) => clause),
  );
  for (const { clause, done, stays } of changes) {
    const why = refusal === undefined || changes.length === 1 ? refusal : await alter(query, table, [clause]);
    if (why !== undefined) say(`left as it is: ${stays}: ${why}`);
    else if (done !== undefined) say(done);
  }
}

/** Changes one table, completely or not at all. @returns why the table's content does not allow it. */
async function alter(query: Query, table: string, clauses: readonly string[]): Promise<string | undefined> {
  if (clauses.length === 0) return undefined;
  try {
    await query(`ALTER TABLE ${DATABASE}.${quoted(table)} ${clauses.join(", ")}`);
    return undefined;
  } catch (error) {
    const { errno, message } = error as Error & { errno?: number };
    if (errno !== undefined && CONTENT_REFUSES.includes(errno)) return message;
    throw new Failure("SCHEMA_TABLE_NOT_CHANGED", `${table} cannot be changed: ${message}. Run the update again`, {
      cause: error,
    });
  }
}
