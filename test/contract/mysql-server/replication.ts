import assert from "node:assert/strict";
import { escape } from "mysql2";
import { GtidSet } from "../../../runtime/gtid-set";
import { endWaits, follow, followOn, promote } from "../../../runtime/mysql-controller/roles";
import { hasApplied, received, type ServerState } from "../../../runtime/mysql-controller/server";
import type { Credentials } from "../../../contract/credentials";
import { errnoOf, eventually, started, stateOf, usePair, type Client, type Pair } from "./pair";

/** Makes the first server the primary, and the second its replica. */
export async function replicating({ topology, tested: [primary, replica] }: Pair): Promise<void> {
  await follow(topology, replica.server, primary.server);
  await promote(topology, primary.server);
  await stateOf(replica, { connected: true, applying: true });
}

/** The option of a start that names an account. */
export function as({ user, password }: Credentials): string {
  return ` USER = ${escape(user)} PASSWORD = ${escape(password)}`;
}

/** A replica whose source is well. */
export function describeReplication(make: () => Promise<Pair>): void {
  describe("that replicates", () => {
    const on = usePair(make, replicating);
    const primary = () => on().tested[0];
    const replica = () => on().tested[1];
    let client: Client;
    before(async () => (client = await primary().connect()));

    it("reports its source, its account, its threads and its lag", async () => {
      await client.commit();
      const { executed } = await primary().server.state();
      assert.equal(await hasApplied(replica().server, executed, 5), true);
      const state = await eventually(async () => {
        const now = await replica().server.state();
        assert.equal(now.replica?.secondsBehind, 0);
        return now;
      });
      assert.deepEqual(state.replica, {
        source: primary().server.host,
        sourceUuid: (await primary().server.state()).uuid,
        user: on().topology.replication.user,
        connected: true,
        receiving: true,
        applying: true,
        retrieved: executed,
        secondsBehind: 0,
        receiveError: undefined,
        applyError: undefined,
      });
      assert.deepEqual([state.writable, state.waitsFor, state.executed], [false, 0, executed]);
    });

    it("lets the primary's commits end by its acknowledgement", async () => {
      assert.equal((await primary().server.state()).waitsFor, 1);
      await client.commit();
    });

    it("refuses to forget or to change its source while it runs, or only applies", async () => {
      const { host } = primary().server;
      const change = `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${host}', SOURCE_PORT = 3306, SOURCE_USER = 'any', SOURCE_PASSWORD = 'any', SOURCE_AUTO_POSITION = 1`;
      for (const only of ["", " IO_THREAD"]) {
        for (const statement of ["RESET REPLICA ALL", change])
          assert.equal(await errnoOf(replica().server.query(statement)), 3081, statement);
        await replica().server.run(`STOP REPLICA${only}`);
        if (only === "") await replica().server.run("START REPLICA SQL_THREAD");
      }
      await replica().server.run("START REPLICA");
      await stateOf(replica(), { connected: true, applying: true });
    });

    it("ignores a start of what runs, and its account", async () => {
      const { retrieved } = (await replica().server.state()).replica ?? assert.fail();
      for (const statement of [
        "START REPLICA",
        `START REPLICA${as(on().topology.control)}`,
        `START REPLICA IO_THREAD${as(on().topology.control)}`,
        "START REPLICA SQL_THREAD",
      ])
        await replica().server.run(statement);
      await replica().server.run("STOP REPLICA SQL_THREAD", `START REPLICA${as(on().topology.control)}`);
      const state = await stateOf(replica(), { connected: true, applying: true });
      assert.deepEqual([state.replica?.user, state.replica?.retrieved], [on().topology.replication.user, retrieved]);
    });

    it("stops receiving at once, applies on, and says for which account it has stored a password", async () => {
      await replica().server.run(`STOP REPLICA IO_THREAD`, `START REPLICA IO_THREAD${as(on().topology.control)}`);
      const before = await stateOf(replica(), { connected: true });
      assert.equal(before.replica?.user, on().topology.control.user);
      await replica().server.run("STOP REPLICA IO_THREAD");
      const after = await replica().server.state();
      assert.deepEqual(after.replica, {
        ...before.replica,
        user: on().topology.replication.user,
        connected: false,
        receiving: false,
        secondsBehind: undefined,
      });
      await replica().server.run("START REPLICA IO_THREAD"); // with the account that it has stored
      assert.equal((await stateOf(replica(), { connected: true })).replica?.user, on().topology.replication.user);
    });

    it("continues after a stop with what it has received", async () => {
      const before = await replica().server.state();
      await replica().server.run("STOP REPLICA");
      const { replica: stopped } = await replica().server.state();
      assert.deepEqual(
        [stopped?.connected, stopped?.receiving, stopped?.applying, stopped?.secondsBehind],
        [false, false, false, undefined],
      );
      assert.equal(await followOn(on().topology, replica().server, primary().server), true);
      assert.deepEqual(
        (await stateOf(replica(), { connected: true, applying: true })).replica?.retrieved,
        before.replica?.retrieved,
      );
    });

    it("acknowledges what it does not apply, and applies it without its source", async () => {
      await replica().server.run("STOP REPLICA SQL_THREAD");
      await client.commit();
      const { executed } = await primary().server.state();
      const state = await eventually(async () => {
        const now = await replica().server.state();
        assert.ok(received(now).contains(executed));
        return now;
      });
      assert.deepEqual(
        [
          state.replica?.connected,
          state.replica?.applying,
          state.replica?.secondsBehind,
          executed.minus(state.executed).size,
        ],
        [true, false, undefined, 1],
      );
      await replica().server.run("STOP REPLICA IO_THREAD");
      assert.equal(await hasApplied(replica().server, executed, 1), false);
      await replica().server.run("START REPLICA SQL_THREAD");
      assert.equal(await hasApplied(replica().server, executed, 5), true);
      assert.deepEqual(threadsOf(await replica().server.state()), {
        connected: false,
        receiving: false,
        applying: true,
      });
    });

    it("acknowledges what was committed without it, as soon as it is back", async () => {
      const commit = started(client.commit());
      const { executed } = await primary().server.state();
      await replica().server.run("START REPLICA");
      assert.equal(await commit.end, "done");
      assert.equal((await primary().server.state()).executed.minus(executed).size, 1);
    });

    it("may have applied what its source still waits for, and acknowledges it only with a later transaction", async () => {
      const { server } = replica();
      const { topology } = on();
      const restart = async (acknowledges: "ON" | "OFF") => {
        await server.run("STOP REPLICA", `SET GLOBAL rpl_semi_sync_replica_enabled = ${acknowledges}`);
        assert.equal(await followOn(topology, server, primary().server), true);
        await stateOf(replica(), { connected: true, applying: true });
      };
      await restart("OFF");
      const commit = started(client.commit());
      const before = (await primary().server.state()).executed;
      await eventually(async () => assert.equal((await server.state()).executed.minus(before).size, 1));
      const [{ executed }, source] = [await server.state(), await primary().server.state()];
      assert.deepEqual([source.executed, source.logged, commit.isOver], [before, executed, false]);
      await restart("ON");
      assert.equal(commit.isOver, false);
      await endWaits(primary().server);
      assert.equal(await commit.end, "done");
      const after = await primary().server.state();
      assert.deepEqual([after.executed.minus(executed).size, after.logged], [1, after.executed]);
      assert.equal(await hasApplied(server, after.executed, 5), true);
    });

    it("forgets all of it with its source", async () => {
      await replica().server.run("STOP REPLICA", "RESET REPLICA ALL");
      const { executed } = await primary().server.state();
      const state = await replica().server.state();
      assert.deepEqual([state.replica, state.executed], [undefined, executed]);
      await follow(on().topology, replica().server, primary().server);
      assert.deepEqual(
        (await stateOf(replica(), { connected: true, applying: true })).replica?.retrieved,
        GtidSet.empty,
      );
    });
  });
}

function threadsOf({ replica }: ServerState): Record<string, boolean | undefined> {
  return { connected: replica?.connected, receiving: replica?.receiving, applying: replica?.applying };
}
