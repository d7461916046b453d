import assert from "node:assert/strict";
import { existingDatabases, findExisting } from "../../../../components/tenants/existing";
import { listening, NOWHERE } from "../../../support/tenants";

/** A server with these databases and accounts. */
const server = (databases: readonly string[], accounts: readonly string[]) => (statement: string, [names]: readonly unknown[] = []) => {
  const among = /SCHEMATA/.test(statement) ? databases : accounts;
  return Promise.resolve(among.filter((name) => (names as string[]).includes(name)).map((name) => ({ name })));
};

describe("databases that MySQL has already", () => {
  it("are found among those that are wanted", async () => {
    assert.deepEqual(await findExisting(server(["orders", "nacos"], ["orders_owner"]), ["orders", "stocks"]), { databases: ["orders"], adopted: [] });
    assert.deepEqual(await findExisting(server([], []), ["orders"]), { databases: [], adopted: [] });
  });

  it("are taken over if no account of the stack's is for them", async () => {
    assert.deepEqual(await findExisting(server(["orders", "stocks"], ["orders_owner", "stocks"]), ["orders", "stocks"]), { databases: ["orders", "stocks"], adopted: ["stocks"] });
  });

  it("are not known if MySQL is unreachable, which is said", async () => {
    const administrator = { endpoint: NOWHERE, user: "admin", password: "secret", caCertificates: "" };
    const { result, said } = await listening(() => existingDatabases(administrator, ["orders"]));
    assert.deepEqual([...result], []);
    assert.equal(said.length, 1);
    assert.match(said[0], /^warn: MySQL at 127\.0\.0\.1:1 is unreachable: ECONNREFUSED\. Not known is whether it has database orders already; an update takes over what it has\./);
  });

  it("are not asked for if none is wanted", async () => {
    const { result, said } = await listening(() => existingDatabases({ endpoint: NOWHERE, user: "", password: "", caCertificates: "" }, []));
    assert.deepEqual([[...result], said], [[], []]);
  });
});
