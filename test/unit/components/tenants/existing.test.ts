import assert from "node:assert/strict";
import { existingDatabases, findExisting } from "../../../../components/tenants/existing";
import { listening, NOWHERE } from "../../../support/tenants";

/** A server with these databases and accounts. */
const server =
  (databases: readonly string[], accounts: readonly string[]) =>
  (statement: string, [names]: readonly unknown[] = []) => {
    const among = /SCHEMATA/.test(statement) ? databases : accounts;
    return Promise.resolve(among.filter((name) => (names as string[]).includes(name)).map((name) => ({ name })));
  };

describe("databases that exist already", () => {
  it("are found among the wanted databases", async () => {
    assert.deepEqual(await findExisting(server(["orders", "nacos"], ["orders_owner"]), ["orders", "stocks"]), {
      databases: ["orders"],
      adopted: [],
    });
    assert.deepEqual(await findExisting(server([], []), ["orders"]), { databases: [], adopted: [] });
  });

  it("are taken over if the stack has no account for them yet", async () => {
    assert.deepEqual(
      await findExisting(server(["orders", "stocks"], ["orders_owner", "stocks"]), ["orders", "stocks"]),
      { databases: ["orders", "stocks"], adopted: ["stocks"] },
    );
  });

  it("are unknown if MySQL is unreachable, with a warning", async () => {
    const administrator = { endpoint: NOWHERE, user: "admin", password: "secret", caCertificates: "" };
    const { result, said } = await listening(() => existingDatabases(administrator, ["orders"]));
    assert.deepEqual([...result], []);
    assert.equal(said.length, 1);
    assert.match(
      said[0],
      /^warn: MySQL at 127\.0\.0\.1:1 is unreachable: ECONNREFUSED\. It may already have database orders; an update takes over what exists\./,
    );
  });

  it("are not queried if no database is wanted", async () => {
    const { result, said } = await listening(() =>
      existingDatabases({ endpoint: NOWHERE, user: "", password: "", caCertificates: "" }, []),
    );
    assert.deepEqual([[...result], said], [[], []]);
  });
});
