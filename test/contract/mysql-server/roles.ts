import assert from "node:assert/strict";
import { LogRotation } from "../../../runtime/mysql-controller/log-rotation";
import { promote } from "../../../runtime/mysql-controller/roles";
import { hasApplied } from "../../../runtime/mysql-controller/server";
import { GtidSet } from "../../../runtime/gtid-set";
import { errnoOf, eventually, stateOf, usePair, type Pair } from "./pair";

/** What a server is that has just started, and what makes it a primary. */
export function describeRoles(make: () => Promise<Pair>): void {
  describe("that has just started", () => {
    const on = usePair(make);
    const one = () => on().tested[0];

    it("is read-only, waits for no replica, replicates from no source, and has no transaction", async () => {
      const states = await Promise.all(on().tested.map(({ server }) => server.state()));
      for (const { uuid, version, ...state } of states) {
        assert.match(uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        assert.match(version, /^\d+\.\d+\.\d+/);
        assert.deepEqual(state, {
          writable: false,
          waitsFor: 0,
          executed: GtidSet.empty,
          logged: GtidSet.empty,
          cloning: false,
          replica: undefined,
        });
      }
      assert.notEqual(states[0].uuid, states[1].uuid);
    });

    it("refuses what a client writes", async () => {
      assert.equal(await errnoOf((await one().connect()).commit()), 1290);
    });

    it("has no replication to stop or to forget, which is no error", async () => {
      await one().server.run("STOP REPLICA", "STOP REPLICA IO_THREAD", "RESET REPLICA ALL");
    });

    it("has no replication to start", async () => {
      for (const statement of [
        "START REPLICA",
        "START REPLICA IO_THREAD",
        "START REPLICA USER = 'replica' PASSWORD = 'any'",
      ]) {
        assert.equal(await errnoOf(one().server.query(statement)), 1200, statement);
      }
    });

    it("can be made to apply, and then refuses another source until it is stopped", async () => {
      await one().server.run("START REPLICA SQL_THREAD", "START REPLICA SQL_THREAD");
      assert.equal((await one().server.state()).replica, undefined);
      for (const statement of ["RESET REPLICA ALL", sourceIs("elsewhere")])
        assert.equal(await errnoOf(one().server.query(statement)), 3081, statement);
      await one().server.run("STOP REPLICA", "RESET REPLICA ALL");
    });

    it("has a source when it receives one, and does not replicate yet", async () => {
      await one().server.run(sourceIs("elsewhere"));
      const { replica } = await one().server.state();
      assert.deepEqual(replica, {
        source: "elsewhere",
        sourceUuid: "",
        user: "o'ne",
        connected: false,
        receiving: false,
        applying: false,
        retrieved: GtidSet.empty,
        secondsBehind: undefined,
        receiveError: undefined,
        applyError: undefined,
      });
      await one().server.run("RESET REPLICA ALL");
      assert.equal((await one().server.state()).replica, undefined);
    });

    it("says at once that its source is unreachable, and keeps trying", async () => {
      await one().server.run(sourceIs("127.255.255.254"), "START REPLICA");
      const { replica } = await stateOf(one(), {
        receiving: true,
        connected: false,
        applying: true,
        receiveError: 2003,
      });
      assert.match(
        replica?.receiveError?.message ?? "",
        /^Error connecting to source 'o'ne@127\.255\.255\.254:3306'\./,
      );
      await one().server.run("STOP REPLICA", "RESET REPLICA ALL");
    });
  });

  describe("that is promoted", () => {
    const on = usePair(make);
    const one = () => on().tested[0];

    it("is writable, waits for replicas, and has no transaction from that", async () => {
      for (let times = 0; times < 2; times++) await promote(on().topology, one().server);
      const { writable, waitsFor, executed, replica } = await one().server.state();
      assert.deepEqual(
        { writable, waitsFor, executed, replica },
        { writable: true, waitsFor: 1, executed: GtidSet.empty, replica: undefined },
      );
    });

    it("numbers its transactions", async () => {
      await one().server.run("SET GLOBAL rpl_semi_sync_source_enabled = OFF");
      assert.equal((await one().server.state()).waitsFor, 0);
      const client = await one().connect();
      const { uuid, executed: before } = await one().server.state();
      for (let times = 0; times < 3; times++) await client.commit();
      const { executed } = await one().server.state();
      assert.equal(executed.minus(before).from(uuid).size, 3);
      assert.equal(executed.from(uuid).size, executed.size);
    });

    it("knows what it has applied, and waits for the rest in vain", async () => {
      const { executed } = await one().server.state();
      const others = GtidSet.parse("aaaaaaaa-0000-0000-0000-000000000000:1");
      assert.deepEqual(
        [
          await hasApplied(one().server, executed, 1),
          await hasApplied(one().server, GtidSet.empty, 1),
          await hasApplied(one().server, executed.union(others), 1),
        ],
        [true, true, false],
      );
    });

    it("refuses what a client writes as soon as it is read-only, and accepts it again", async () => {
      const client = await one().connect();
      await one().server.run("SET GLOBAL super_read_only = ON");
      assert.equal((await one().server.state()).writable, false);
      assert.equal(await errnoOf(client.commit()), 1290);
      await one().server.run("SET GLOBAL read_only = OFF"); // and with it super_read_only
      assert.equal((await one().server.state()).writable, true);
      await client.commit();
    });

    it("closes its binary log, without a transaction, and again only if there is a new one", async () => {
      const rotation = new LogRotation([one().server], 0);
      const { executed } = await one().server.state();
      const before = await one().logs();
      for (let times = 0; times < 2; times++) assert.deepEqual(await rotation.pass(Date.now()), []);
      assert.deepEqual([await one().logs(), (await one().server.state()).executed], [before + 1, executed]);
      await (await one().connect()).commit();
      assert.deepEqual(await rotation.pass(Date.now()), []);
      assert.equal(await one().logs(), before + 2);
    });

    it("is unreachable when its process has died, and read-only when it is back", async () => {
      const { executed, uuid } = await one().server.state();
      await one().kill();
      // A number of the operating system, as soon as the connection is known to be lost.
      await eventually(async () => assert.ok(((await errnoOf(one().server.state())) ?? 0) < 0));
      assert.equal(await one().server.stateIfUp(), undefined);
      await one().start();
      const state = await eventually(() => one().server.state());
      assert.deepEqual([state.writable, state.waitsFor, state.executed, state.uuid], [false, 0, executed, uuid]);
    });
  });
}

/** What the controller sends to name a source, with an account that has a quote. */
function sourceIs(host: string): string {
  return (
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${host}', SOURCE_PORT = 3306, SOURCE_USER = 'o\\'ne', SOURCE_PASSWORD = 'it\\'s', ` +
    "SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, SOURCE_SSL_CA = '/tls/ca.crt', SOURCE_SSL_VERIFY_SERVER_CERT = 1, SOURCE_HEARTBEAT_PERIOD = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0"
  );
}
