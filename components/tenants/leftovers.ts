import * as pulumi from "@pulumi/pulumi";
import { escape } from "mysql2";
import { asAdministrator, type Administrator, type Query } from "./administrator";

type Inputs = Readonly<Record<string, string>>;

const NO_SUCH_ACCOUNT = 1141;

/** Accounts and roles of MySQL, as they are written in a statement. */
const KINDS: Readonly<Record<string, (inputs: Inputs) => readonly [kind: string, account: string]>> = {
  "mysql:index/role:Role": ({ name }) => ["ROLE", escape(name)],
  "mysql:index/user:User": ({ user, host }) => ["USER", `${escape(user)}@${escape(host)}`],
};

/**
 * Removes the role or account that an update left behind when it was killed between the statement and the write of Pulumi's
 * state. It could neither be created again nor imported. It is recognized because it has no privilege yet. Anything else of
 * that name was not created by the stack: it stays, and MySQL refuses to create another.
 */
export async function removeLeftover(query: Query, type: string, inputs: Inputs): Promise<void> {
  const [kind, account] = KINDS[type](inputs);
  const grants = await query(`SHOW GRANTS FOR ${account}`).catch((error: unknown) => {
    if ((error as { errno?: number }).errno === NO_SUCH_ACCOUNT) return [];
    throw error;
  });
  const texts = grants.flatMap((grant) => Object.values(grant));
  if (texts.length === 1 && /^GRANT USAGE ON \*\.\* TO [^ ]+$/.test(String(texts[0])))
    await query(`DROP ${kind} ${account}`);
}

/** A hook of roles and accounts that removes such leftovers. A program has one hook for all of them. */
export function overLeftovers(administrator: Administrator): pulumi.ResourceHook {
  return new pulumi.ResourceHook("take over what a killed update left in MySQL", ({ type, newInputs }) =>
    asAdministrator(administrator, (query) => removeLeftover(query, type, newInputs as Inputs)),
  );
}
