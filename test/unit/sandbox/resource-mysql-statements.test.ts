import { strict as assert } from "node:assert";
import { Connect, Row, ServerError } from "../../../sandbox/plugins/resource-mysql/connection";
import { changes, completed, stateOf, Values } from "../../../sandbox/plugins/resource-mysql/properties";
import { database } from "../../../sandbox/plugins/resource-mysql/resources/database";
import { grant } from "../../../sandbox/plugins/resource-mysql/resources/grant";
import { Resource } from "../../../sandbox/plugins/resource-mysql/resources/resource";
import { role } from "../../../sandbox/plugins/resource-mysql/resources/role";
import { user } from "../../../sandbox/plugins/resource-mysql/resources/user";

/** A server that notes what it is asked, and answers what it is told to. */
class FakeServer {
  readonly statements: string[] = [];
  open = 0;

  constructor(private readonly answer: (sql: string) => Row[] = () => []) {}

  readonly connect: Connect = () => {
    this.open++;
    return Promise.resolve({
      query: (sql: string) => {
        this.statements.push(sql);
        return Promise.resolve(sql).then(this.answer);
      },
      end: () => Promise.resolve(void this.open--),
    });
  };
}

const refuse = (code: number) => () => {
  throw new ServerError(code, "42000", "no");
};

/** The statements that making a resource takes, with the defaults filled in. */
async function made(resource: Resource, inputs: Values): Promise<{ id: string; statements: string[] }> {
  const server = new FakeServer();
  const id = await resource.create(completed(resource.properties, inputs), server.connect);
  assert.equal(server.open, 0, "it left a connection open");
  return { id, statements: server.statements };
}

async function deleted(resource: Resource, id: string, inputs: Values): Promise<string[]> {
  const server = new FakeServer();
  await resource.delete(id, stateOf(resource.properties, inputs), server.connect);
  return server.statements;
}

describe("the MySQL provider's database", () => {
  it("is made with a character set and a collation", async () => {
    assert.deepEqual(await made(database, { name: "a`b" }), {
      id: "a`b",
      statements: ["CREATE DATABASE `a``b` CHARACTER SET `utf8` COLLATE `utf8_general_ci`"],
    });
    assert.deepEqual((await made(database, { name: "d", defaultCharacterSet: "", defaultCollation: "" })).statements, [
      "CREATE DATABASE `d`",
    ]);
    assert.deepEqual(await deleted(database, "d", { name: "d" }), ["DROP DATABASE `d`"]);
  });

  it("is read out of its definition", async () => {
    const definition =
      "CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */ /*!80016 DEFAULT ENCRYPTION='N' */";
    assert.deepEqual(await database.read("d", {}, new FakeServer(() => [["d", definition]]).connect), {
      name: "d",
      defaultCharacterSet: "utf8mb4",
      defaultCollation: "utf8mb4_bin",
    });
  });

  it("has its character set's own collation where the definition names none", async () => {
    const server = new FakeServer((sql) =>
      sql.startsWith("SHOW CREATE")
        ? [["d", "CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET latin1 */"]]
        : [["latin1_swedish_ci", "latin1"]],
    );
    assert.deepEqual(await database.read("d", {}, server.connect), {
      name: "d",
      defaultCharacterSet: "latin1",
      defaultCollation: "latin1_swedish_ci",
    });
  });

  it("is gone only where the server does not know it", async () => {
    assert.equal(await database.read("d", {}, new FakeServer(refuse(1049)).connect), undefined);
    await assert.rejects(
      database.read("d", {}, new FakeServer(refuse(1044)).connect),
      /Error during show create database: Error 1044/,
    );
  });
});

describe("the MySQL provider's user", () => {
  it("is made with a password, for localhost", async () => {
    assert.deepEqual(await made(user, { user: "u", plaintextPassword: "p" }), {
      id: "u@localhost",
      statements: ["CREATE USER 'u'@'localhost' IDENTIFIED BY 'p' REQUIRE NONE"],
    });
    assert.deepEqual((await made(user, { user: "u", host: "%", password: "p", tlsOption: "SSL" })).statements, [
      "CREATE USER 'u'@'%' IDENTIFIED BY 'p' REQUIRE SSL",
    ]);
    assert.deepEqual(await deleted(user, "u@%", { user: "u", host: "%" }), ["DROP USER 'u'@'%'"]);
  });

  it("heeds two plugins; with any other the password is empty", async () => {
    const statement = async (authPlugin: string, host: string) =>
      (await made(user, { user: "u", host, authPlugin, tlsOption: "" })).statements[0];
    assert.equal(
      await statement("mysql_no_login", "localhost"),
      "CREATE USER 'u'@'localhost' IDENTIFIED WITH mysql_no_login",
    );
    assert.equal(
      await statement("AWSAuthenticationPlugin", "%"),
      "CREATE USER 'u'@'%' IDENTIFIED WITH AWSAuthenticationPlugin as 'RDS'",
    );
    assert.equal(await statement("caching_sha2_password", "%"), "CREATE USER 'u'@'%' IDENTIFIED BY ''");
    await assert.rejects(statement("AWSAuthenticationPlugin", "localhost"), /cannot use IAM auth against localhost/);
  });

  it("has its values put into statements as they are", async () => {
    assert.deepEqual((await made(user, { user: "u", plaintextPassword: "it's \\" })).statements, [
      "CREATE USER 'u'@'localhost' IDENTIFIED BY 'it's \\' REQUIRE NONE",
    ]);
  });

  it("takes a changed password, and an empty one where it was taken away", async () => {
    const old = { user: "u", plaintextPassword: "a" };
    const updated = async (inputs: Values) => {
      const server = new FakeServer();
      const given = { ...inputs, host: "localhost" };
      await user.update?.(given, changes(user.properties, stateOf(user.properties, old), given), server.connect);
      return server.statements;
    };
    assert.deepEqual(await updated({ user: "u", plaintextPassword: "b" }), [
      "ALTER USER 'u'@'localhost' IDENTIFIED BY 'b'",
    ]);
    assert.deepEqual(await updated({ user: "u" }), ["ALTER USER 'u'@'localhost' IDENTIFIED BY ''"]);
    assert.deepEqual(await updated(old), []);
  });
});

describe("the MySQL provider's grant", () => {
  const toUser = { user: "u", host: "%", database: "d", privileges: ["SELECT", "INSERT", "SELECT"] };

  it("names the privileges once, and nothing else of its settings", async () => {
    const granted = await made(grant, stateOf(grant.properties, { ...toUser, grant: true, tlsOption: "SSL" }));
    assert.deepEqual(granted, { id: "u@%:`d`", statements: ["GRANT SELECT, INSERT ON `d`.* TO 'u'@'%'"] });
  });

  it("is on a table, on everything, or on a name that is quoted already", async () => {
    const on = async (more: Values) =>
      (await made(grant, { ...toUser, privileges: ["SELECT"], ...more })).statements[0];
    assert.equal(await on({ table: "t" }), "GRANT SELECT ON `d`.`t` TO 'u'@'%'");
    assert.equal(await on({ database: "*" }), "GRANT SELECT ON *.* TO 'u'@'%'");
    assert.equal(await on({ database: "`d\\_1`" }), "GRANT SELECT ON `d\\_1`.* TO 'u'@'%'");
  });

  it("on a user begins its end with a revocation that MySQL 8 refuses, and stops there", async () => {
    const server = new FakeServer(refuse(1141));
    await assert.rejects(
      grant.delete("u@%:`d`", toUser, server.connect),
      /^Error: error revoking GRANT \(REVOKE GRANT OPTION ON `d`\.\* FROM 'u'@'%'\): Error 1141 \(42000\): no$/,
    );
    assert.deepEqual(server.statements, ["REVOKE GRANT OPTION ON `d`.* FROM 'u'@'%'"]);
  });

  it("on a role, or of a role, ends at once", async () => {
    assert.deepEqual(await made(grant, { role: "r", database: "d", privileges: ["SELECT"] }), {
      id: "r:`d`",
      statements: ["GRANT SELECT ON `d`.* TO 'r'"],
    });
    assert.deepEqual(await deleted(grant, "r:`d`", { role: "r", database: "d", privileges: ["SELECT"] }), [
      "REVOKE SELECT ON `d`.* FROM 'r'",
    ]);
    assert.deepEqual(await made(grant, { user: "u", database: "", roles: ["r", "s"] }), {
      id: "u@localhost:``",
      statements: ["GRANT 'r', 's' TO 'u'@'localhost'"],
    });
    assert.deepEqual(await deleted(grant, "u@localhost:``", { user: "u", database: "", roles: ["r", "s"] }), [
      "REVOKE 'r', 's' FROM 'u'@'localhost'",
    ]);
  });

  it("is gone where its account's grants cannot be shown, and never looked at more closely", async () => {
    assert.equal(await grant.read("", toUser, new FakeServer(refuse(1141)).connect), undefined);
    assert.equal(await grant.read("", toUser, new FakeServer().connect), toUser);
  });

  it("needs somebody and something", async () => {
    await assert.rejects(made(grant, { ...toUser, user: "" }), /user with host or a role is required/);
    await assert.rejects(made(grant, { ...toUser, privileges: [] }), /One of privileges or roles is required/);
  });
});

describe("the MySQL provider's role", () => {
  it("is made and dropped by its name", async () => {
    assert.deepEqual(await made(role, { name: "r" }), { id: "r", statements: ["CREATE ROLE 'r'"] });
    assert.deepEqual(await deleted(role, "r", { name: "r" }), ["DROP ROLE 'r'"]);
    await assert.rejects(
      role.create({ name: "r" }, new FakeServer(refuse(1396)).connect),
      /error creating role: Error 1396/,
    );
  });
});
