import assert from "node:assert/strict";
import { removeLeftover } from "../../../../components/mysql/leftovers";

type Rows = readonly Readonly<Record<string, unknown>>[];

/** What is asked of a server that answers with these rows, by the beginning of the statement. */
async function asked(type: string, inputs: Record<string, string>, answers: Record<string, Rows | Error>): Promise<string[]> {
  const statements: string[] = [];
  await removeLeftover((statement) => {
    statements.push(statement);
    const answer = Object.entries(answers).find(([beginning]) => statement.startsWith(beginning))?.[1] ?? [];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }, type, inputs);
  return statements;
}

const noSuchAccount = Object.assign(new Error("There is no such grant defined"), { errno: 1141 });
const changes = (statements: string[]) => statements.filter((statement) => statement.startsWith("DROP"));

describe("what a killed update left in MySQL", () => {
  const user = { type: "mysql:index/user:User", inputs: { user: "nacos", host: "%" } };
  const role = { type: "mysql:index/role:Role", inputs: { name: "nacos_rows" } };
  const database = { type: "mysql:index/database:Database", inputs: { name: "nacos" } };
  const grants = (...texts: string[]) => ({ "SHOW GRANTS": texts.map((text) => ({ "Grants for it": text })) });

  it("is an account without any privilege, which is made anew", async () => {
    assert.deepEqual(await asked(user.type, user.inputs, grants("GRANT USAGE ON *.* TO `nacos`@`%`")), ["SHOW GRANTS FOR 'nacos'@'%'", "DROP USER 'nacos'@'%'"]);
  });

  it("is a role without any privilege", async () => {
    assert.deepEqual(await asked(role.type, role.inputs, grants("GRANT USAGE ON *.* TO `nacos_rows`@`%`")), ["SHOW GRANTS FOR 'nacos_rows'", "DROP ROLE 'nacos_rows'"]);
  });

  it("is a database with nothing in it", async () => {
    assert.deepEqual(changes(await asked(database.type, database.inputs, { SELECT: [{ count: 0 }] })), ["DROP DATABASE `nacos`"]);
  });

  it("is no account and no role that may do anything", async () => {
    const others = [
      ["GRANT SELECT ON *.* TO `nacos`@`%`"],
      ["GRANT USAGE ON *.* TO `nacos`@`%`", "GRANT SELECT ON `nacos`.* TO `nacos`@`%`"],
      ["GRANT USAGE ON *.* TO `nacos`@`%`", "GRANT `nacos_rows`@`%` TO `nacos`@`%`"],
      ["GRANT USAGE ON *.* TO `nacos`@`%` WITH GRANT OPTION"],
    ];
    for (const texts of others) {
      assert.deepEqual(changes(await asked(user.type, user.inputs, grants(...texts))), [], texts.join());
      assert.deepEqual(changes(await asked(role.type, role.inputs, grants(...texts))), [], texts.join());
    }
  });

  it("is no database with a table, a view, a routine or an event", async () => {
    const statements = await asked(database.type, database.inputs, { SELECT: [{ count: 1 }] });
    assert.deepEqual(changes(statements), []);
    for (const kind of ["TABLES", "ROUTINES", "EVENTS"]) assert.match(statements[0], new RegExp(`information_schema.${kind} WHERE \\w+_SCHEMA = 'nacos'`));
  });

  it("is nothing where nothing is there, and is not asked for of grants", async () => {
    assert.deepEqual(changes(await asked(user.type, user.inputs, { "SHOW GRANTS": noSuchAccount })), []);
    assert.deepEqual(changes(await asked(database.type, database.inputs, { SELECT: [] })), []);
    assert.deepEqual(await asked("mysql:index/grant:Grant", {}, {}), []);
  });

  it("is told of where it cannot be seen", async () => {
    const denied = Object.assign(new Error("Access denied"), { errno: 1044 });
    await assert.rejects(asked(user.type, user.inputs, { "SHOW GRANTS": denied }), /Access denied/);
  });
});
