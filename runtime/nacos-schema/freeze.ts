import { DATABASE } from "../../contract/accounts";
import { Failure } from "../../contract/refusal";
import { quoted, type Query, type Table } from "./tables";
import { COPIED } from "./twins";

/** After this time publishing works again, even if nobody ends the upgrade. */
const HOURS = 24;

/** Rows that a server of 3.x copies from `public`, with MySQL's time. What it copies to `public`, and from beta to gray, is not refused. */
const COPIES = { rows: `tenant_id = '' AND src_user = '${COPIED}'`, zone: "@@session.time_zone" };
/** Rows that servers write, with their own time, which is UTC. */
const ALL = { rows: "TRUE", zone: "'+00:00'" };

/**
 * What refuses rows: the table, the first words of the constraint's name, which rows, and the time zone of `gmt_modified`.
 *
 * Every change of a configuration inserts a row into the last one. Beta and tag publishing of 2.2 to 2.4 does not: it has tables of
 * its own. A server of 3.x publishes to several tables, in this order and in a transaction each. So this is also the order in which
 * they are frozen, and the last is thawed first: otherwise something could be refused and be in the first all the same.
 */
const TABLES = [
  { table: "config_info", what: "public publishing", ...COPIES },
  { table: "config_info_beta", what: "beta publishing", ...ALL },
  { table: "config_info_tag", what: "tag publishing", ...ALL },
  { table: "config_info_gray", what: "gray publishing", ...COPIES },
  { table: "his_config_info", what: "publishing", ...ALL },
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
 * publisher gets.
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
  // All end together, however long MySQL copies a table.
  const [{ until }] = (await query(
    `SELECT DATE_FORMAT(UTC_TIMESTAMP() + INTERVAL ${HOURS} HOUR, '%Y-%m-%d %H:%i') AS until`,
  )) as unknown as [{ readonly until: string }];
  // Statements that publish must not wait for the lock behind a transaction that never ends.
  await query("SET SESSION lock_wait_timeout = 60");
  for (const one of TABLES) {
    if (!here.some(({ name }) => name === one.table)) continue;
    await constrain(
      query,
      one,
      until,
      former.filter(({ table }) => table === one.table).map(({ name }) => name),
    );
  }
  await query("SET SESSION lock_wait_timeout = DEFAULT");
  say(`publishing is frozen until ${await frozenUntil(query)} UTC, while servers of 2.x and ${version} run`);
}

async function constrain(
  query: Query,
  { table, what, rows, zone }: (typeof TABLES)[number],
  until: string,
  former: readonly string[],
): Promise<void> {
  const name = `${what} is frozen until ${until} UTC: upgrade`; // at most 64 characters
  if (former.includes(name)) return;
  for (let attempt = 1; ; attempt++) {
    // Rows that exist have to satisfy the constraint. Servers write their own time, which may differ a little.
    const [{ after, before }] = (await query(
      `SELECT DATE_FORMAT(COALESCE(MAX(gmt_modified), '2001-01-01') + INTERVAL 1 SECOND, '%Y-%m-%d %H:%i:%s') AS \`after\`,
              DATE_FORMAT(CONVERT_TZ('${until}:00', '+00:00', ${zone}), '%Y-%m-%d %H:%i:%s') AS \`before\`
         FROM ${DATABASE}.${quoted(table)}
        WHERE ${rows} AND gmt_modified < CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', ${zone}) + INTERVAL 1 MINUTE`,
    )) as unknown as [{ readonly after: string; readonly before: string }];
    try {
      await query(
        `ALTER TABLE ${DATABASE}.${quoted(table)} ${former.map((one) => `DROP CHECK ${quoted(one)}, `).join("")}` +
          `ADD CONSTRAINT ${quoted(name)} CHECK (NOT (${rows} AND gmt_modified BETWEEN '${after}' AND '${before}'))`,
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
  for (const { table } of [...TABLES].reverse())
    for (const { name } of found.filter((one) => one.table === table))
      await query(`ALTER TABLE ${DATABASE}.${quoted(table)} DROP CHECK ${quoted(name)}`);
  if (found.length > 0) say("publishing is not frozen any more");
}
