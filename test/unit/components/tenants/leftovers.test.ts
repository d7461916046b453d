import assert from "node:assert/strict";
import { removeLeftover } from "../../../../components/tenants/leftovers";

type Rows = readonly Readonly<Record<string, unknown>>[];

/** The statements that a server gets if it answers a query for grants with these rows. */
async function asked(type: string, inputs: Record<string, string>, answer: Rows | Error): Promise<string[]> {
  const statements: string[] = [];
  await removeLeftover(
    (statement) => {
      statements.push(statement);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    type,
    inputs,
  );
  return statements;
}

describe("what a killed update of tenants left in MySQL", () => {
  const user = ["mysql:index/user:User", { user: "orders", host: "%" }] as const;
  const role = ["mysql:index/role:Role", { name: "orders_owner" }] as const;
  const grants = (...texts: string[]) => texts.map((text) => ({ "Grants for it": text }));

  it("is an account or a role without privileges, which is dropped", async () => {
    assert.deepEqual(await asked(...user, grants("GRANT USAGE ON *.* TO `orders`@`%`")), [
      "SHOW GRANTS FOR 'orders'@'%'",
      "DROP USER 'orders'@'%'",
    ]);
    assert.deepEqual(await asked(...role, grants("GRANT USAGE ON *.* TO `orders_owner`@`%`")), [
      "SHOW GRANTS FOR 'orders_owner'",
      "DROP ROLE 'orders_owner'",
    ]);
  });

  it("is no account or role with privileges", async () => {
    for (const texts of [
      ["GRANT SELECT ON *.* TO `orders`@`%`"],
      ["GRANT USAGE ON *.* TO `orders`@`%`", "GRANT SELECT ON `orders`.* TO `orders`@`%`"],
      ["GRANT USAGE ON *.* TO `orders`@`%` WITH GRANT OPTION"],
    ]) {
      assert.equal((await asked(...user, grants(...texts))).length, 1, texts.join());
      assert.equal((await asked(...role, grants(...texts))).length, 1, texts.join());
    }
  });

  it("is nothing if there is no such account, and an error if the query fails", async () => {
    assert.equal((await asked(...user, Object.assign(new Error("no such grant"), { errno: 1141 }))).length, 1);
    await assert.rejects(asked(...user, Object.assign(new Error("Access denied"), { errno: 1044 })), /Access denied/);
  });
});
