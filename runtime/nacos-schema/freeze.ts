import { DATABASE } from "../../contract/accounts";
import { Failure } from "../../contract/refusal";
import { quoted, type Query, type Table } from "./tables";

/** After this time publishing works again, even if nobody ends the upgrade. */
const HOURS = 24;

/**
 * What refuses rows, by table, and the first words of its name. Every change of a configuration inserts a row into the first;
 * beta and tag publishing of 2.2 to 2.4 writes only to the others.
 */
const TABLES = [
  { table: "his_config_info", what: "publishing" },
  { table: "config_info_beta", what: "beta publishing" },
  { table: "config_info_tag", what: "tag publishing" },
] as const;

const UNTIL = / is frozen until (\d{4}-\d\d-\d\d \d\d:\d\d) UTC/;
const CHECK_VIOLATED = 3819;
const ATTEMPTS = 10;

interface Frozen {
  readonly table: string;
  readonly name: string;
  /** Whether it still refuses rows. */
  readonly isActive: boolean;
}

async function frozen(query: Query): Promise<Frozen[]> {
  const rows = (await query(
    `SELECT TABLE_NAME AS \`table\`, CONSTRAINT_NAME AS name, DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%d %H:%i') AS now
       FROM information_schema.TABLE_CONSTRAINTS
      WHERE TABLE_SCHEMA = ? AND CONSTRAINT_TYPE = 'CHECK' AND CONSTRAINT_NAME LIKE '% is frozen until %'`,
    [DATABASE],
  )) as unknown as { readonly table: string; readonly name: string; readonly now: string }[];
  return rows.map(({ table, name, now }) => ({ table, name, isActive: (UNTIL.exec(name)?.[1] ?? "") >= now }));
}

/** The end of a freeze that has not ended: "2026-12-01 09:12". */
export async function frozenUntil(query: Query): Promise<string | undefined> {
  const found = (await frozen(query)).find(({ isActive }) => isActive);
  return found && UNTIL.exec(found.name)?.[1];
}

/**
 * Lets no configuration be published, changed or deleted, whichever server is asked. A constraint of the tables does so,
 * because that needs no further privilege and no setting of the server, unlike a trigger. Its name is in the error that the
 * publisher gets. 3.x copies configurations between '' and `public` all the same.
 *
 * MySQL copies a table to which it adds a constraint.
 *
 * @param here the database's tables
 * @param version of Nacos that is being deployed
 */
export async function freeze(
  query: Query,
  here: readonly Table[],
  version: string,
  say: (line: string) => void,
): Promise<void> {
  const former = await frozen(query);
  // Statements that publish must not wait for the lock behind a transaction that never ends.
  await query("SET SESSION lock_wait_timeout = 60");
  for (const { table, what } of TABLES) {
    if (!here.some(({ name }) => name === table)) continue;
    await constrain(
      query,
      table,
      (until) => `${what} is frozen until ${until} UTC: upgrade`,
      former.filter((one) => one.table === table).map(({ name }) => name),
    );
  }
  await query("SET SESSION lock_wait_timeout = DEFAULT");
  say(`publishing is frozen until ${await frozenUntil(query)} UTC, while servers of 2.x and ${version} run`);
}

/** @param nameUntil the constraint's name, at most 64 characters */
async function constrain(
  query: Query,
  table: string,
  nameUntil: (until: string) => string,
  former: readonly string[],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    // Rows that exist have to satisfy the constraint. Servers write their own time, in UTC, which may differ a little.
    const [{ after, until }] = (await query(
      `SELECT DATE_FORMAT(COALESCE(MAX(gmt_modified), '2001-01-01') + INTERVAL 1 SECOND, '%Y-%m-%d %H:%i:%s') AS \`after\`,
              DATE_FORMAT(UTC_TIMESTAMP() + INTERVAL ${HOURS} HOUR, '%Y-%m-%d %H:%i') AS until
         FROM ${DATABASE}.${quoted(table)} WHERE gmt_modified < UTC_TIMESTAMP() + INTERVAL 1 MINUTE`,
    )) as unknown as [{ readonly after: string; readonly until: string }];
    const name = nameUntil(until);
    if (former.includes(name)) return;
    try {
      await query(
        `ALTER TABLE ${DATABASE}.${quoted(table)} ${former.map((one) => `DROP CHECK ${quoted(one)}, `).join("")}` +
          `ADD CONSTRAINT ${quoted(name)} CHECK (gmt_modified NOT BETWEEN '${after}' AND '${until}:00')`,
      );
      return;
    } catch (error) {
      // Something was published meanwhile.
      if ((error as { errno?: number }).errno === CHECK_VIOLATED && attempt < ATTEMPTS) continue;
      throw new Failure("SCHEMA_NOT_FROZEN", `publishing cannot be frozen: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

/** Ends a freeze. */
export async function thaw(query: Query, say: (line: string) => void): Promise<void> {
  const found = await frozen(query);
  for (const { table, name } of found)
    await query(`ALTER TABLE ${DATABASE}.${quoted(table)} DROP CHECK ${quoted(name)}`);
  if (found.length > 0) say("publishing is not frozen any more");
}
