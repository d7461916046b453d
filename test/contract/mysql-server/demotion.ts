import assert from "node:assert/strict";
import { LogRotation } from "../../../runtime/mysql-controller/log-rotation";
import { demote, disconnectClients, promote } from "../../../runtime/mysql-controller/roles";
import { replicating } from "./replication";
import { errnoOf, eventually, started, stateOf, usePair, type Pair } from "./pair";

const CLIENTS =
  "SELECT ID AS id FROM performance_schema.processlist WHERE ID <> CONNECTION_ID() AND USER NOT IN ('system user', 'event_scheduler', 'platform_control') AND COMMAND NOT LIKE 'Binlog Dump%'";

/** A primary that is made read-only, with clients and with commits that no replica acknowledges. */
export function describeDemotion(make: () => Promise<Pair>): void {
  describe("that is demoted", () => {
    const on = usePair(make, replicating);
    const primary = () => on().tested[0];
    const replica = () => on().tested[1];
    const clientsOf = async () => (await primary().server.query(CLIENTS)).map(({ id }) => id as number);
    const waitsFor = async (id: number) =>
      (await primary().server.query("SELECT STATE AS state FROM performance_schema.processlist WHERE ID = ?", [id]))[0]
        ?.state as string | undefined;
    /** A commit for which there is no replica. */
    const hanging = async () => {
      await replica().server.run("STOP REPLICA IO_THREAD");
      const client = await primary().connect();
      const commit = started(client.commit());
      const { uuid } = await primary().server.state();
      await eventually(async () => assert.match((await waitsFor(client.id)) ?? "", /^Waiting for semi-sync ACK/));
      assert.equal(commit.isOver, false);
      return { id: client.id, commit, uuid };
    };

    it("lists its clients, and disconnects them", async () => {
      const clients = await Promise.all([primary().connect(), primary().connect()]);
      assert.deepEqual((await clientsOf()).sort(), clients.map(({ id }) => id).sort());
      await disconnectClients(primary().server);
      await eventually(async () => assert.deepEqual(await clientsOf(), []));
      for (const client of clients) await assert.rejects(client.commit());
      await stateOf(replica(), { connected: true });
    });

    it("is read-only afterwards, waits for replicas as before, and has disconnected its clients", async () => {
      const client = await primary().connect();
      await client.commit();
      const { executed } = await primary().server.state();
      assert.equal(await demote(on().topology, primary().server, await primary().server.state(), "await"), true);
      const state = await primary().server.state();
      assert.deepEqual([state.writable, state.waitsFor, state.executed], [false, 1, executed]);
      await assert.rejects(client.commit());
      assert.equal(await errnoOf((await primary().connect()).commit()), 1290);
      await promote(on().topology, primary().server);
    });

    it("has a commit that hangs in its log, and not among its executed transactions, and no log is closed meanwhile", async () => {
      const { executed } = await primary().server.state();
      const { commit } = await hanging();
      const { uuid, ...state } = await primary().server.state();
      const waiting = state.logged.minus(executed);
      assert.deepEqual([state.executed, waiting.size, waiting.from(uuid)], [executed, 1, waiting]);
      await eventually(async () =>
        assert.match(
          (await new LogRotation([primary().server], 0).pass(Date.now()))[0] ?? "",
          /commits wait for replicas$/,
        ),
      );
      await replica().server.run("START REPLICA IO_THREAD");
      assert.equal(await commit.end, "done");
      assert.equal((await primary().server.state()).executed.minus(executed).size, 1);
    });

    it("lets a lock wait for a commit that hangs: the client's connection ends at once, its commit does not", async () => {
      const { id, commit } = await hanging();
      const other = primary().server.another();
      const [{ id: locker }] = await other.query("SELECT CONNECTION_ID() AS id");
      const lock = started(other.query("FLUSH TABLES WITH READ LOCK", [], 0));
      await eventually(async () => assert.equal(await waitsFor(locker as number), "Waiting for global read lock"));
      for (let times = 0; times < 2; times++) await primary().server.query("KILL CONNECTION ?", [id]);
      assert.ok((await commit.end) instanceof Error);
      assert.ok((await clientsOf()).includes(id));
      assert.equal(lock.isOver, false);
      await primary().server.run("SET GLOBAL rpl_semi_sync_source_enabled = OFF");
      assert.equal(await lock.end, "done");
      await other.run("SET GLOBAL super_read_only = ON", "UNLOCK TABLES");
      other.close();
      await eventually(async () => assert.ok(!(await clientsOf()).includes(id)));
      await promote(on().topology, primary().server);
      await replica().server.run("START REPLICA IO_THREAD");
      await stateOf(replica(), { connected: true });
    });

    it("ends the lock's wait with its connection", async () => {
      const { commit } = await hanging();
      const other = primary().server.another();
      const [{ id }] = await other.query("SELECT CONNECTION_ID() AS id");
      const lock = started(other.query("FLUSH TABLES WITH READ LOCK", [], 0));
      await primary().server.query("KILL CONNECTION ?", [id as number]);
      assert.ok((await lock.end) instanceof Error);
      other.close();
      await replica().server.run("START REPLICA IO_THREAD");
      assert.equal(await commit.end, "done");
      await (await primary().connect()).commit(); // nothing is locked
    });

    it("stays writable, and waits for replicas, if it awaits a commit that hangs", async () => {
      const { commit } = await hanging();
      await assert.rejects(
        demote(on().topology, primary().server, await primary().server.state(), "await"),
        /has not become read-only within 5 s/,
      );
      const { writable, waitsFor, executed: before } = await primary().server.state();
      assert.deepEqual([writable, waitsFor], [true, 1]);
      assert.ok((await commit.end) instanceof Error); // its client has been disconnected
      await replica().server.run("START REPLICA IO_THREAD");
      await eventually(async () => assert.equal((await primary().server.state()).executed.minus(before).size, 1));
    });

    it("is read-only if it releases a commit that hangs: the transaction stays, and no client has its result", async () => {
      const before = (await primary().server.state()).executed;
      const { commit, uuid } = await hanging();
      assert.equal(await demote(on().topology, primary().server, await primary().server.state(), "release"), true);
      assert.ok((await commit.end) instanceof Error);
      const { writable, waitsFor, executed } = await primary().server.state();
      assert.deepEqual([writable, waitsFor, executed.minus(before).from(uuid).size], [false, 0, 1]);
      assert.equal(await demote(on().topology, primary().server, await primary().server.state(), "release"), false);
    });

    it("has a transaction also if it died while its commit was hanging", async () => {
      await promote(on().topology, primary().server);
      await replica().server.run("START REPLICA IO_THREAD");
      await stateOf(replica(), { connected: true });
      const before = (await primary().server.state()).executed;
      const { commit } = await hanging();
      await primary().kill();
      assert.ok((await commit.end) instanceof Error);
      await primary().start();
      const { executed } = await eventually(() => primary().server.state());
      assert.equal(executed.minus(before).size, 1);
      assert.deepEqual(executed.minus((await replica().server.state()).executed), executed.minus(before));
    });
  });
}
