import { createHash } from "node:crypto";
import { over } from "../connection";
import { account, quoted, Resource, text } from "./resource";

/** The only plugins that the provider knows. Any other name leads to an account with an empty password. */
const PLUGINS: Record<string, string> = {
  AWSAuthenticationPlugin: "IDENTIFIED WITH AWSAuthenticationPlugin as 'RDS'",
  mysql_no_login: "IDENTIFIED WITH mysql_no_login",
};

export const user: Resource = {
  properties: {
    user: { required: true, replaces: true },
    host: { default: "localhost", replaces: true },
    plaintextPassword: { secret: true, stored: (value) => createHash("sha256").update(value).digest("hex") },
    password: { secret: true, conflictsWith: ["plaintextPassword"] },
    authPlugin: { replaces: true, conflictsWith: ["plaintextPassword", "password"] },
    tlsOption: { default: "NONE", replaces: true },
  },
  importable: false,
  readsBack: false,
  async create(inputs, connect) {
    await over(connect, async (session) => {
      const plugin = text(inputs, "authPlugin");
      if (plugin === "AWSAuthenticationPlugin" && text(inputs, "host") === "localhost")
        throw new Error("cannot use IAM auth against localhost");
      const password = text(inputs, "plaintextPassword") || text(inputs, "password");
      const require = text(inputs, "tlsOption");
      await session.query(
        `CREATE USER ${account(inputs)} ${PLUGINS[plugin] ?? `IDENTIFIED BY ${quoted(password)}`}${require === "" ? "" : ` REQUIRE ${require}`}`,
      );
    });
    return `${text(inputs, "user")}@${text(inputs, "host")}`;
  },
  // By the name only: neither a missing host nor a changed password is noticed.
  read: (_id, state, connect) =>
    over(connect, async (session) => {
      const rows = await session.query(`SELECT USER FROM mysql.user WHERE USER=${quoted(text(state, "user"))}`);
      return rows.length === 0 ? undefined : state;
    }),
  async update(inputs, changes, connect) {
    await over(connect, async (session) => {
      if (text(inputs, "authPlugin") !== "") return;
      const changed = ["plaintextPassword", "password"].find((name) =>
        changes.some(({ property }) => property === name),
      );
      if (changed !== undefined)
        await session.query(`ALTER USER ${account(inputs)} IDENTIFIED BY ${quoted(text(inputs, changed))}`);
    });
  },
  async delete(_id, state, connect) {
    await over(connect, (session) => session.query(`DROP USER ${account(state)}`));
  },
};
