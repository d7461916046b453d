import { escape, escapeId } from "mysql2";
import type { AccountSettings, Privileges } from "../../contract/account-settings";
import { Failure, Refusal } from "../../contract/refusal";

/** Runs a statement as the administrator. */
export type Query = (statement: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** MySQL, for those who make accounts. */
export interface Access {
  readonly query: Query;
  /** Whether the server accepts this login. @throws if it refuses it for another reason than the password. */
  readonly accepts: (user: string, password: string) => Promise<boolean>;
}

const EVERYWHERE = "*";

/** `'user'@'%'`: an account whose pods connect from anywhere. */
function accountOf(user: string): string {
  return `${escape(user)}@'%'`;
}

/** Key of the attribute that marks an account with the stack that has made it. */
const OWNER = "nacos-platform";

/** The stack that has made an account: "" if none has, undefined if there is no such account. */
async function ownerOf(query: Query, user: string): Promise<string | undefined> {
  const [found] = (await query(
    `SELECT IFNULL(ATTRIBUTE->>'$."${OWNER}"', '') AS owner FROM information_schema.USER_ATTRIBUTES WHERE USER = ${escape(user)} AND HOST = '%'`,
  )) as readonly { readonly owner: string }[];
  return (found as { readonly owner: string } | undefined)?.owner;
}

function markOf(owner: string): string {
  return escape(JSON.stringify({ [OWNER]: owner }));
}

/** @throws Refusal if one of the accounts exists, and the stack has not made it. */
export async function requireOwn(query: Query, users: readonly string[], owner: string): Promise<void> {
  for (const user of users) {
    const found = await ownerOf(query, user);
    if (found === undefined || found === owner) continue;
    throw new Refusal(
      "MYSQL_ACCOUNT_FOREIGN",
      `account ${user} exists there, and ${found === "" ? "no stack" : `stack ${found}`} has made it, not ${owner}. Each stack needs a server of its own. Only if this stack may take it over, with another password and these privileges only: ALTER USER ${accountOf(user)} ATTRIBUTE ${markOf(owner)}`,
    );
  }
}

/**
 * Makes an account, or gives it its password.
 *
 * @returns what was done, or undefined if the account accepts the password already.
 */
export async function ensurePassword(
  { query, accepts }: Access,
  { user, keepsPrevious }: AccountSettings,
  password: string,
  owner: string,
): Promise<string | undefined> {
  const account = accountOf(user);
  const exists = (await ownerOf(query, user)) !== undefined;
  if (exists && (await accepts(user, password))) return undefined;
  await query(
    exists
      ? `ALTER USER ${account} IDENTIFIED BY ${escape(password)}${keepsPrevious === true ? " RETAIN CURRENT PASSWORD" : ""} REQUIRE SSL`
      : `CREATE USER ${account} IDENTIFIED BY ${escape(password)} REQUIRE SSL ATTRIBUTE ${markOf(owner)}`,
  );
  if (!(await accepts(user, password)))
    throw new Failure(
      "MYSQL_ACCOUNT_SHADOWED",
      `MySQL refuses account ${account} with the password that it was just given`,
    );
  if (!exists) return `created account ${user}`;
  return `account ${user} has a new password${keepsPrevious === true ? "; the previous one stays valid" : ""}`;
}

/**
 * Grants what an account lacks, and revokes what it has in addition. Dynamic privileges stay: the owner of an external server
 * may give them, as for restores in docs/external-mysql.md.
 *
 * @returns what was done.
 */
export async function ensurePrivileges(query: Query, { user, privileges }: AccountSettings): Promise<string[]> {
  const account = accountOf(user);
  const wanted = flat(privileges);
  const missing = minus(wanted, await privilegesOf(query, account));
  for (const { database, privilege } of missing) await query(`GRANT ${privilege} ON ${scope(database)} TO ${account}`);
  const surplus = minus(await privilegesOf(query, account), wanted).filter(({ privilege }) => !isDynamic(privilege));
  for (const { database, privilege } of surplus)
    await query(`REVOKE ${privilege} ON ${scope(database)} FROM ${account}`);
  return [...said("granted", missing, `to ${user}`), ...said("revoked", surplus, `from ${user}`)];
}

/** From now on, no other password of an account is valid than this one. */
export async function discardPrevious(query: Query, user: string, password: string): Promise<void> {
  // First, because this may be the previous one: after a password was put back.
  await query(`ALTER USER ${accountOf(user)} IDENTIFIED BY ${escape(password)}`);
  await query(`ALTER USER ${accountOf(user)} DISCARD OLD PASSWORD`);
}

/** As SET_ANY_DEFINER. The names of the others have spaces. */
function isDynamic(privilege: string): boolean {
  return privilege.includes("_");
}

interface Privilege {
  readonly database: string;
  readonly privilege: string;
}

function flat(privileges: readonly Privileges[]): Privilege[] {
  return privileges.flatMap(({ database, privileges: names }) => names.map((privilege) => ({ database, privilege })));
}

async function privilegesOf(query: Query, account: string): Promise<Privilege[]> {
  const grantee = `GRANTEE = ${escape(account)}`;
  const rows = await query(
    `SELECT '${EVERYWHERE}' AS name, PRIVILEGE_TYPE AS privilege FROM information_schema.USER_PRIVILEGES WHERE ${grantee} AND PRIVILEGE_TYPE <> 'USAGE' ` +
      `UNION ALL SELECT TABLE_SCHEMA, PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE ${grantee}`,
  );
  return rows.map(({ name, privilege }) => ({ database: name as string, privilege: privilege as string }));
}

function minus(some: readonly Privilege[], others: readonly Privilege[]): Privilege[] {
  return some.filter(
    ({ database, privilege }) => !others.some((other) => other.database === database && other.privilege === privilege),
  );
}

function scope(database: string): string {
  return database === EVERYWHERE ? "*.*" : `${escapeId(database)}.*`;
}

function said(verb: string, privileges: readonly Privilege[], whom: string): string[] {
  return privileges.length === 0
    ? []
    : [`${verb} ${privileges.map(({ database, privilege }) => `${privilege} ON ${database}`).join(", ")} ${whom}`];
}
