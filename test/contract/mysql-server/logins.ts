import assert from "node:assert/strict";
import { errnoOf, usePair, type Client, type Pair } from "./pair";

/** Whom a server accepts, and how many. */
export function describeLogins(make: () => Promise<Pair>): void {
  describe("and logins to it", () => {
    const on = usePair(make, ({ tested: [{ server }] }) => server.run("SET GLOBAL read_only = OFF"));
    const one = () => on().tested[0];
    const whoMay = (account: { user: string; password: string }) => one().server.sends(account);
    const numberOf = async (account: { user: string; password: string }): Promise<number | undefined> => {
      const other = one().server.another(account);
      try {
        return await errnoOf(other.query("SHOW REPLICAS"));
      } finally {
        other.close();
      }
    };

    it("accepts the accounts that may replicate from it", async () => {
      for (const account of [on().topology.replication, on().topology.control])
        assert.equal(await whoMay(account), true);
    });

    it("refuses a wrong password", async () => {
      const wrong = { ...on().topology.replication, password: "wrong" };
      assert.deepEqual([await numberOf(wrong), await whoMay(wrong)], [1045, false]);
    });

    it("refuses an account that is locked, until it is unlocked", async () => {
      const { replication } = on().topology;
      await one().setLocked(true);
      assert.deepEqual([await numberOf(replication), await whoMay(replication)], [3118, false]);
      await one().setLocked(false);
      assert.equal(await whoMay(replication), true);
    });

    it("accepts an account without that privilege, and refuses its statement", async () => {
      assert.deepEqual([await numberOf(on().client), await whoMay(on().client)], [1227, false]);
    });

    it("gives each connection an id, and ends the one that is named", async () => {
      const [a, b] = [one().server.another(), one().server.another()];
      const [first, second] = await Promise.all(
        [a, b].map(async (connection) => (await connection.query("SELECT CONNECTION_ID() AS id"))[0].id as number),
      );
      assert.notEqual(first, second);
      const state = (id: number) =>
        one().server.query("SELECT STATE AS state FROM performance_schema.processlist WHERE ID = ?", [id]);
      assert.deepEqual(await state(first), [{ state: "" }]);
      await one().server.query("KILL CONNECTION ?", [first]);
      assert.equal(await errnoOf(one().server.query("KILL CONNECTION ?", [4_000_000])), 1094);
      assert.deepEqual(await state(4_000_000), []);
      for (const connection of [a, b]) connection.close();
    });

    it("refuses one client too many, the controller only a connection later, and has room after the limit is raised", async () => {
      await one().server.state();
      const clients: Client[] = [];
      let refused: number | undefined;
      while (refused === undefined)
        await one()
          .connect()
          .then(
            (client) => clients.push(client),
            (error: { errno?: number }) => (refused = error.errno ?? 0),
          );
      assert.equal(refused, 1040);
      const [reserved, further] = [one().server.another(), one().server.another()];
      await reserved.query("SELECT CONNECTION_ID() AS id");
      assert.equal(await errnoOf(further.query("SELECT CONNECTION_ID() AS id")), 1040);
      await one().server.run("SET GLOBAL max_connections = @@GLOBAL.max_connections + 5");
      await further.query("SELECT CONNECTION_ID() AS id");
      for (const connection of [reserved, further]) connection.close();
    });
  });
}
