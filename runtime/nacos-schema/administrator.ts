import { createHash } from "node:crypto";
import { DATABASE } from "../../contract/accounts";
import { Failure } from "../../contract/refusal";
import type { Query } from "./tables";

/** What is known of the administrator's password. Digests are SHA-256 of a password's hash, hexadecimal. */
export interface Administrator {
  readonly name: string;
  /** Digest of what the Secret has. */
  readonly wanted: string;
  /** Digest of what this program set last; undefined if it has not recorded that. */
  readonly given?: string;
  /** Digest of what the database has; undefined if the user does not exist. */
  readonly present?: string;
  /** Whether the user may log in. */
  readonly enabled: boolean;
}

/**
 * If the Secret has another password than the one that was set last, an operator wants the change, and it is made. If the
 * database has another one, it was set in the console, and is kept.
 *
 * @returns whether the password has to be set, and what to say about it
 */
export function decide({ name, wanted, given, present, enabled }: Administrator): { set: boolean; say?: string } {
  if (present === undefined || given !== wanted)
    return { set: true, say: `user ${name} has the password of Secret nacos-admin` };
  if (present !== wanted)
    return {
      set: false,
      say: `left as it is: user ${name} has another password than Secret nacos-admin: it was changed in Nacos. \`npm run ops -- secrets rotate\` gives it a new one that is in the Secret`,
    };
  return enabled ? { set: false } : { set: false, say: `left as it is: user ${name} is disabled` };
}

/** @throws Failure if a text is not the hash of a password as Nacos stores it. */
export function requireBcrypt(hash: string): void {
  if (!/^\$2[aby]\$\d{2}\$[./A-Za-z0-9]{53}$/.test(hash))
    throw new Failure("SCHEMA_PASSWORD_HASH_INVALID", "the administrator's password hash is not a bcrypt hash");
}

/**
 * Creates Nacos' administrator, or gives it the password of the Secret. Users and roles are the same two tables in every
 * supported version.
 *
 * @param hash of the password in the Secret
 * @param recorded whether a version was recorded before. Then a password was set, even if there is no record of it: stacks
 *   are older than that record.
 */
export async function setAdministrator(
  query: Query,
  { name, hash, recorded }: { readonly name: string; readonly hash: string; readonly recorded: boolean },
  say: (line: string) => void,
): Promise<void> {
  const wanted = createHash("sha256").update(hash).digest("hex");
  await query(
    `CREATE TABLE IF NOT EXISTS ${DATABASE}.platform_administrator (
       username varchar(50) NOT NULL PRIMARY KEY,
       hash_sha256 char(64) NOT NULL,
       given_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP
     )`,
  );
  const decision = decide({
    name,
    wanted,
    given: (await givenTo(query, name)) ?? (recorded ? wanted : undefined),
    ...(await userOf(query, name)),
  });
  if (decision.set)
    await query(
      `INSERT INTO ${DATABASE}.users (username, password, enabled) VALUES (?, ?, TRUE) AS new
       ON DUPLICATE KEY UPDATE password = new.password, enabled = new.enabled`,
      [name, hash],
    );
  if (decision.say !== undefined) say(decision.say);
  // Without an administrator, Nacos 2.4 and later makes the first user who asks one.
  await query(`INSERT IGNORE INTO ${DATABASE}.roles (username, role) VALUES (?, 'ROLE_ADMIN')`, [name]);
  await query(
    `INSERT INTO ${DATABASE}.platform_administrator (username, hash_sha256) VALUES (?, ?) AS new
     ON DUPLICATE KEY UPDATE
       given_at = IF(platform_administrator.hash_sha256 = new.hash_sha256, platform_administrator.given_at, CURRENT_TIMESTAMP),
       hash_sha256 = new.hash_sha256`,
    [name, wanted],
  );
}

async function givenTo(query: Query, name: string): Promise<string | undefined> {
  const [row] = (await query(
    `SELECT hash_sha256 AS digest FROM ${DATABASE}.platform_administrator WHERE username = ?`,
    [name],
  )) as readonly { readonly digest?: string }[];
  return (row as { readonly digest?: string } | undefined)?.digest;
}

async function userOf(query: Query, name: string): Promise<Pick<Administrator, "present" | "enabled">> {
  const [row] = await query(`SELECT SHA2(password, 256) AS digest, enabled FROM ${DATABASE}.users WHERE username = ?`, [
    name,
  ]);
  const user = row as { readonly digest: string; readonly enabled: number } | undefined;
  return { present: user?.digest, enabled: (user?.enabled ?? 1) === 1 };
}
