import * as pulumi from "@pulumi/pulumi";
import { escape, escapeId } from "mysql2";
import { connect } from "../../clients/mysql/connect";
import { tlsAt } from "../../clients/mysql/local";
import type { AdministratorArgs } from "./administrator";

type Inputs = Readonly<Record<string, string>>;
type Query = (statement: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

const NO_SUCH_ACCOUNT = 1141;
const PATIENCE_MS = 20_000;

/**
 * What removes, before Pulumi makes it, the database, role or account of that name that an update left behind when it was
 * killed between the statement and Pulumi's note of it: it could neither be made again nor imported. Nothing rests on it
 * yet, and by that it is known: an account or a role without any privilege, a database without any table. Anything else
 * of that name is not the stack's; it stays, and MySQL refuses to make another.
 */
const KINDS: Readonly<Record<string, (query: Query, inputs: Inputs) => Promise<void>>> = {
  "mysql:index/database:Database": async (query, { name }) => {
    const inside = ["TABLES WHERE TABLE", "ROUTINES WHERE ROUTINE", "EVENTS WHERE EVENT"].map((what) => `(SELECT COUNT(*) FROM information_schema.${what}_SCHEMA = ${escape(name)})`);
    const [found] = await query(`SELECT ${inside.join(" + ")} AS count FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${escape(name)}`);
    if (found?.count === 0) await query(`DROP DATABASE ${escapeId(name)}`);
  },
  "mysql:index/role:Role": (query, { name }) => dropUnlessPrivileged(query, "ROLE", escape(name)),
  "mysql:index/user:User": (query, { user, host }) => dropUnlessPrivileged(query, "USER", `${escape(user)}@${escape(host)}`),
};

async function dropUnlessPrivileged(query: Query, kind: "ROLE" | "USER", account: string): Promise<void> {
  const grants = await query(`SHOW GRANTS FOR ${account}`).catch((error: unknown) => {
    if ((error as { errno?: number }).errno === NO_SUCH_ACCOUNT) return [];
    throw error;
  });
  const texts = grants.flatMap((grant) => Object.values(grant));
  if (texts.length === 1 && /^GRANT USAGE ON \*\.\* TO [^ ]+$/.test(String(texts[0]))) await query(`DROP ${kind} ${account}`);
}

/** Removes what was left behind of a resource that is about to be made. */
export async function removeLeftover(query: Query, type: string, inputs: Inputs): Promise<void> {
  await KINDS[type]?.(query, inputs);
}

/** Lets everything of MySQL among a resource's children look for what was left behind before it is made. */
export function overLeftovers({ endpoint, account: { user, password }, requirements }: AdministratorArgs): pulumi.ResourceTransformation {
  const hook = new pulumi.ResourceHook("take over what a killed update left in MySQL", async ({ type, newInputs }) => {
    const [host, port] = endpoint.split(":");
    const secret = await new Promise<string>((resolve) => password.apply(resolve));
    const connection = await connect({ host, port: Number(port), user, password: secret, ssl: tlsAt(endpoint, requirements?.caCertificates), connectTimeout: PATIENCE_MS });
    try {
      await removeLeftover(async (statement) => (await connection.query(statement))[0] as unknown as Record<string, unknown>[], type, newInputs as Inputs);
    } finally {
      connection.destroy();
    }
  });
  return ({ type, props, opts }) => (type in KINDS ? { props, opts: { ...opts, hooks: { beforeCreate: [hook] } } } : undefined);
}
