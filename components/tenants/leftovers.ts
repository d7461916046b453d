import * as pulumi from "@pulumi/pulumi";
import { escape } from "mysql2";
import { asAdministrator, type Administrator, type Query } from "./administrator";

type Inputs = Readonly<Record<string, string>>;

const NO_SUCH_ACCOUNT = 1141;

/** Accounts and roles of MySQL, as a statement names them. */
const KINDS: Readonly<Record<string, (inputs: Inputs) => readonly [kind: string, account: string]>> = {
  "mysql:index/role:Role": ({ name }) => ["ROLE", escape(name)],
  "mysql:index/user:User": ({ user, host }) => ["USER", `${escape(user)}@${escape(host)}`],
};

/**
 * Removes, before Pulumi makes it, the role or account of that name that an update left behind when it was killed between
 * the statement and Pulumi's note of it: it could neither be made again nor imported. It has no privilege yet, and by that it
 * is known. Anything else of that name is not the stack's; it stays, and MySQL refuses to make another.
 */
export async function removeLeftover(query: Query, type: string, inputs: Inputs): Promise<void> {
  const [kind, account] = KINDS[type](inputs);
  const grants = await query(`SHOW GRANTS FOR ${account}`).catch((error: unknown) => {
    if ((error as { errno?: number }).errno === NO_SUCH_ACCOUNT) return [];
    throw error;
  });
  const texts = grants.flatMap((grant) => Object.values(grant));
  if (texts.length === 1 && /^GRANT USAGE ON \*\.\* TO [^ ]+$/.test(String(texts[0]))) await query(`DROP ${kind} ${account}`);
}

/** A hook of roles and accounts that removes what was left behind. A program has one for all of them. */
export function overLeftovers(administrator: Administrator): pulumi.ResourceHook {
  return new pulumi.ResourceHook("take over what a killed update left in MySQL", ({ type, newInputs }) =>
    asAdministrator(administrator, (query) => removeLeftover(query, type, newInputs as Inputs)));
}
