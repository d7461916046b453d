import assert from "node:assert/strict";
import {
  discardPrevious,
  ensurePassword,
  ensurePrivileges,
  requireOwn,
  type Access,
} from "../../../../runtime/mysql-accounts/accounts";
import { apply } from "../../../../runtime/mysql-accounts/main";
import { failed, refused } from "../../../support/refusal";

/** Accounts of a server: what the statements of the program make of them, by the rules of MySQL. It refuses any other statement. */
class Accounts implements Access {
  readonly statements: string[] = [];
  /** By the account's name: the valid passwords, the present one first, and the privileges as "SELECT ON nacos". */
  readonly accounts = new Map<string, { owner: string; passwords: string[]; privileges: Set<string> }>();

  readonly query = (statement: string): Promise<Record<string, unknown>[]> => {
    this.statements.push(statement);
    const name =
      /'(\w+)'(?:@'%'| AND HOST)|GRANTEE = '\\'(\w+)\\'/
        .exec(statement)
        ?.slice(1)
        .find((found) => found !== undefined) ?? "";
    const account = this.accounts.get(name);
    const password = /IDENTIFIED BY '(\w+)'/.exec(statement)?.[1];
    const [, verb, privilege, database] = /^(GRANT|REVOKE) ([A-Z_ ]+) ON (\S+)\.\* (?:TO|FROM) /.exec(statement) ?? [];
    if (statement.includes("information_schema.USER_ATTRIBUTES"))
      return Promise.resolve(account === undefined ? [] : [{ owner: account.owner }]);
    if (statement.startsWith("CREATE DATABASE IF NOT EXISTS ")) return Promise.resolve([]);
    if (statement.startsWith("CREATE USER ") && account === undefined && password !== undefined) {
      this.accounts.set(name, {
        owner: /ATTRIBUTE '\{\\"nacos-platform\\":\\"([^\\]+)/.exec(statement)?.[1] ?? "",
        passwords: [password],
        privileges: new Set(),
      });
    } else if (account === undefined) throw new Error(`no such account: ${statement}`);
    else if (statement.endsWith("RETAIN CURRENT PASSWORD REQUIRE SSL") && password !== undefined)
      account.passwords = [password, account.passwords[0]];
    else if (statement.endsWith("DISCARD OLD PASSWORD")) account.passwords.length = 1;
    else if (statement.startsWith("ALTER USER ") && password !== undefined) account.passwords[0] = password;
    else if (verb === "GRANT") account.privileges.add(`${privilege} ON ${database.replaceAll("`", "")}`);
    else if (verb === "REVOKE") account.privileges.delete(`${privilege} ON ${database.replaceAll("`", "")}`);
    else if (statement.includes("information_schema.USER_PRIVILEGES")) {
      return Promise.resolve(
        [...account.privileges].map((text) => ({ privilege: text.split(" ON ")[0], name: text.split(" ON ")[1] })),
      );
    } else throw new Error(`the fake server does not know this statement: ${statement}`);
    return Promise.resolve([]);
  };

  readonly accepts = (user: string, password: string): Promise<boolean> =>
    Promise.resolve(this.accounts.get(user)?.passwords.includes(password) === true);
}

const OWNER = "nacos-platform/dev";
const rows = {
  user: "nacos",
  keepsPrevious: true,
  privileges: [{ database: "nacos", privileges: ["SELECT", "INSERT"] }],
};

describe("an account of the platform", () => {
  it("is created, over TLS only", async () => {
    const server = new Accounts();
    assert.equal(await ensurePassword(server, rows, "new", OWNER), "created account nacos");
    assert.equal(
      server.statements[1],
      String.raw`CREATE USER 'nacos'@'%' IDENTIFIED BY 'new' REQUIRE SSL ATTRIBUTE '{\"nacos-platform\":\"nacos-platform/dev\"}'`,
    );
  });

  it("is left alone if it accepts its password", async () => {
    const server = new Accounts();
    await ensurePassword(server, rows, "new", OWNER);
    server.statements.length = 0;
    assert.equal(await ensurePassword(server, rows, "new", OWNER), undefined);
    assert.equal(server.statements.length, 1); // that it exists
  });

  it("keeps its previous password when it gets another, until that is discarded", async () => {
    const server = new Accounts();
    await ensurePassword(server, rows, "old", OWNER);
    assert.equal(
      await ensurePassword(server, rows, "new", OWNER),
      "account nacos has a new password; the previous one stays valid",
    );
    assert.deepEqual(server.accounts.get("nacos")?.passwords, ["new", "old"]);
    await discardPrevious(server.query, "nacos", "new");
    assert.deepEqual(server.accounts.get("nacos")?.passwords, ["new"]);
  });

  it("has one password only if none of its pods runs on with another", async () => {
    const server = new Accounts();
    const backup = { user: "backup", privileges: [] };
    await ensurePassword(server, backup, "old", OWNER);
    assert.equal(await ensurePassword(server, backup, "new", OWNER), "account backup has a new password");
    assert.deepEqual(server.accounts.get("backup")?.passwords, ["new"]);
  });

  it("of another stack, or of nobody, is refused with the statement that consents", async () => {
    const server = new Accounts();
    await ensurePassword(server, rows, "new", "nacos-platform/prod");
    await requireOwn(server.query, ["nacos", "backup"], "nacos-platform/prod");
    await assert.rejects(
      requireOwn(server.query, ["backup", "nacos"], OWNER),
      refused(
        "MYSQL_ACCOUNT_FOREIGN",
        "stack nacos-platform/prod has made it, not nacos-platform/dev",
        "ALTER USER 'nacos'@'%' ATTRIBUTE",
      ),
    );
    await server.query("CREATE USER 'backup'@'%' IDENTIFIED BY 'x'");
    await assert.rejects(
      requireOwn(server.query, ["backup"], OWNER),
      refused("MYSQL_ACCOUNT_FOREIGN", "no stack has made it"),
    );
  });

  it("whose password was put back keeps that one when the other is discarded", async () => {
    const server = new Accounts();
    for (const password of ["old", "new", "old"]) await ensurePassword(server, rows, password, OWNER);
    await discardPrevious(server.query, "nacos", "old");
    assert.deepEqual(server.accounts.get("nacos")?.passwords, ["old"]);
  });

  it("fails if MySQL does not accept what it has just taken", async () => {
    const server = new Accounts();
    await assert.rejects(
      ensurePassword({ query: server.query, accepts: () => Promise.resolve(false) }, rows, "new", OWNER),
      failed("MYSQL_ACCOUNT_SHADOWED", "'nacos'@'%'"),
    );
  });

  it("gets the privileges that it lacks, loses those that it has in addition, and nothing in between", async () => {
    const server = new Accounts();
    await ensurePassword(server, rows, "new", OWNER);
    assert.deepEqual(await ensurePrivileges(server.query, rows), ["granted SELECT ON nacos, INSERT ON nacos to nacos"]);
    assert.deepEqual(await ensurePrivileges(server.query, rows), []);
    const changed = {
      user: "nacos",
      privileges: [
        { database: "nacos", privileges: ["SELECT"] },
        { database: "*", privileges: ["PROCESS"] },
      ],
    };
    server.statements.length = 0;
    assert.deepEqual(await ensurePrivileges(server.query, changed), [
      "granted PROCESS ON * to nacos",
      "revoked INSERT ON nacos from nacos",
    ]);
    assert.deepEqual(
      server.statements.filter((statement) => !statement.startsWith("SELECT")),
      ["GRANT PROCESS ON *.* TO 'nacos'@'%'", "REVOKE INSERT ON `nacos`.* FROM 'nacos'@'%'"],
    );
  });

  it("keeps a dynamic privilege that the owner of the server has given it", async () => {
    const server = new Accounts();
    await ensurePassword(server, rows, "new", OWNER);
    await server.query("GRANT SET_ANY_DEFINER ON *.* TO 'nacos'@'%'");
    assert.deepEqual(await ensurePrivileges(server.query, rows), ["granted SELECT ON nacos, INSERT ON nacos to nacos"]);
    assert.ok(server.accounts.get("nacos")?.privileges.has("SET_ANY_DEFINER ON *"));
  });
});

describe("the step that makes accounts", () => {
  const settings = {
    namespace: "nacos-x",
    owner: OWNER,
    server: { host: "mysql", port: 3306 },
    database: "nacos",
    accounts: [rows, { user: "backup", privileges: [{ database: "*", privileges: ["SELECT"] }] }],
  };

  it("makes the database and all accounts, and changes nothing when repeated", async () => {
    const server = new Accounts();
    const said: string[] = [];
    const run = (): Promise<void> =>
      apply(
        server,
        settings,
        (user) => `${user}word`,
        (line) => said.push(line),
      );
    await run();
    assert.equal(
      server.statements[0],
      "CREATE DATABASE IF NOT EXISTS `nacos` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    );
    assert.deepEqual(
      [...server.accounts].map(([name, { passwords, privileges }]) => [name, passwords, [...privileges]]),
      [
        ["nacos", ["nacosword"], ["SELECT ON nacos", "INSERT ON nacos"]],
        ["backup", ["backupword"], ["SELECT ON *"]],
      ],
    );
    const first = said.length;
    await run();
    assert.deepEqual(said.slice(first), ["database nacos and accounts nacos, backup are as declared"]);
    assert.doesNotMatch(said.join(), /word/);
  });

  it("changes nothing on an external server that cannot be used", async () => {
    const asked: string[] = [];
    const query = (statement: string): Promise<Record<string, unknown>[]> => {
      asked.push(statement);
      return Promise.resolve([{ version: "5.7.1" }]);
    };
    await assert.rejects(
      apply(
        { query, accepts: () => Promise.resolve(true) },
        { ...settings, connections: 80 },
        () => "",
        () => undefined,
      ),
      refused("MYSQL_SERVER_UNSUITABLE", "mysql:3306", "5.7.1"),
    );
    assert.deepEqual(asked, ["SELECT @@version AS version"]);
  });
});
