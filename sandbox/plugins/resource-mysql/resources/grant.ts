import { over, Session } from "../connection";
import { Values } from "../properties";
import { account, list, quoted, Resource, text } from "./resource";

function databaseName(values: Values): string {
  const name = text(values, "database");
  return name === "*" || name.endsWith("`") ? name : `\`${name}\``;
}

function tableName(values: Values): string {
  const name = text(values, "table");
  return name === "" || name === "*" ? "*" : `\`${name}\``;
}

function isForUser(values: Values): boolean {
  return text(values, "user") !== "" && text(values, "host") !== "";
}

function grantee(values: Values): string {
  if (isForUser(values)) return account(values);
  if (text(values, "role") !== "") return quoted(text(values, "role"));
  throw new Error("user with host or a role is required");
}

const roles = (values: Values): string => list(values, "roles").map(quoted).join(", ");
const privileges = (values: Values): string => list(values, "privileges").join(", ");
const target = (values: Values): string => `${databaseName(values)}.${tableName(values)}`;

async function revoke(session: Session, what: string, sql: string): Promise<void> {
  await session.query(sql).catch((error: Error) => {
    throw new Error(`error revoking ${what} (${sql}): ${error.message}`);
  });
}

/** On MySQL 8 and later neither `grant` nor `tlsOption` reaches a statement. */
export const grant: Resource = {
  properties: {
    user: { replaces: true, conflictsWith: ["role"] },
    role: { replaces: true, conflictsWith: ["user", "host"] },
    host: { default: "localhost", replaces: true, conflictsWith: ["role"] },
    database: { required: true, replaces: true },
    table: { default: "*", replaces: true },
    privileges: { replaces: true, isSet: true },
    roles: { replaces: true, isSet: true, conflictsWith: ["privileges"] },
    grant: { default: false, replaces: true },
    tlsOption: { default: "NONE", replaces: true },
  },
  importable: false,
  readsBack: true,
  async create(inputs, connect) {
    await over(connect, async (session) => {
      if (privileges(inputs) === "" && roles(inputs) === "") throw new Error("One of privileges or roles is required");
      const what = privileges(inputs) === "" ? roles(inputs) : `${privileges(inputs)} ON ${target(inputs)}`;
      const sql = `GRANT ${what} TO ${grantee(inputs)}`;
      await session.query(sql).catch((error: Error) => {
        throw new Error(`Error running SQL (${sql}): ${error.message}`);
      });
    });
    const holder = isForUser(inputs) ? `${text(inputs, "user")}@${text(inputs, "host")}` : text(inputs, "role");
    return `${holder}:${databaseName(inputs)}`;
  },
  // Checks whether the account exists, not what it may do. If the administrator may not see others' grants, every account counts as gone.
  read: (_id, state, connect) =>
    over(connect, async (session) => {
      const sql = `SHOW GRANTS FOR ${grantee(state)}`;
      return session.query(sql).then(
        () => state,
        () => undefined,
      );
    }),
  async delete(_id, state, connect) {
    await over(connect, async (session) => {
      const hasRoles = roles(state) !== "";
      // What the provider does first for privileges of a user, and what MySQL 8 and later refuse.
      if (isForUser(state) && !hasRoles)
        await revoke(session, "GRANT", `REVOKE GRANT OPTION ON ${target(state)} FROM ${account(state)}`);
      const what = hasRoles
        ? roles(state)
        : `${privileges(state) === "" ? "ALL" : privileges(state)} ON ${target(state)}`;
      await revoke(session, "ALL", `REVOKE ${what} FROM ${grantee(state)}`);
    });
  },
};
