import assert from "node:assert/strict";
import { follow } from "../../../runtime/mysql-controller/roles";
import { hasApplied } from "../../../runtime/mysql-controller/server";
import { as, replicating } from "./replication";
import { errnoOf, stateOf, usePair, type Pair } from "./pair";

/** A replica whose source refuses it, is dead, or has sent what cannot be applied. */
export function describeTrouble(make: () => Promise<Pair>): void {
  describe("that cannot replicate", () => {
    const on = usePair(make, replicating);
    const primary = () => on().tested[0];
    const replica = () => on().tested[1];

    it("keeps trying if its source refuses the password, and has that error until it starts again", async () => {
      await replica().server.run(
        "STOP REPLICA IO_THREAD",
        `START REPLICA IO_THREAD${as({ ...on().topology.replication, password: "wrong" })}`,
      );
      const state = await stateOf(replica(), { receiving: true, connected: false, applying: true, receiveError: 1045 });
      assert.equal(state.replica?.secondsBehind, undefined);
      await replica().server.run("STOP REPLICA IO_THREAD");
      await stateOf(replica(), { receiving: false, receiveError: 1045 });
      await replica().server.run(`START REPLICA IO_THREAD${as(on().topology.replication)}`);
      await stateOf(replica(), { connected: true, receiveError: undefined });
    });

    it("keeps trying if its account is locked, and is connected as soon as it is unlocked", async () => {
      await primary().setLocked(true);
      await replica().server.run("STOP REPLICA IO_THREAD", `START REPLICA IO_THREAD${as(on().topology.replication)}`);
      await stateOf(replica(), { receiving: true, connected: false, receiveError: 3118 });
      await primary().setLocked(false);
      await stateOf(replica(), { connected: true, receiveError: undefined });
    });

    it("keeps trying if its account lacks the privilege", async () => {
      await replica().server.run("STOP REPLICA IO_THREAD", `START REPLICA IO_THREAD${as(on().client)}`);
      await stateOf(replica(), { receiving: true, connected: false, receiveError: 13120 });
      await replica().server.run("STOP REPLICA IO_THREAD", `START REPLICA IO_THREAD${as(on().topology.replication)}`);
      await stateOf(replica(), { connected: true, receiveError: undefined });
    });

    it("keeps trying while its source is down, and is connected when it is back", async () => {
      await primary().kill();
      await stateOf(replica(), { receiving: true, connected: false, applying: true, receiveError: 2003 });
      await primary().start();
      await stateOf(replica(), { connected: true, applying: true, receiveError: undefined });
    });

    it("stops receiving if the source has deleted what it needs", async () => {
      await replica().server.run("STOP REPLICA");
      await primary().server.run("SET GLOBAL read_only = OFF"); // and no commit waits: it has started again
      await (await primary().connect()).commit();
      await primary().purge();
      await replica().server.run("START REPLICA");
      const { executed } = await stateOf(replica(), {
        receiving: false,
        connected: false,
        applying: true,
        receiveError: 13114,
      });
      assert.equal((await primary().server.state()).executed.contains(executed), true);
    });
  });

  describe("that cannot apply", () => {
    const on = usePair(make, replicating);
    const primary = () => on().tested[0];
    const replica = () => on().tested[1];

    it("has transactions that its source lacks, if a client could write", async () => {
      await (await primary().connect()).commit();
      const { executed } = await primary().server.state();
      assert.equal(await hasApplied(replica().server, executed, 5), true);
      await replica().server.run("SET GLOBAL read_only = OFF");
      await (await replica().connect()).commit("the same");
      await replica().server.run("SET GLOBAL super_read_only = ON");
      const state = await replica().server.state();
      const errant = state.executed.minus(executed);
      assert.deepEqual([errant.size, errant.from(state.uuid)], [1, errant]);
      await stateOf(replica(), { connected: true, applying: true });
    });

    it("stops applying, still receives, and has the error also after a stop", async () => {
      await (await primary().connect()).commit("the same");
      const { replica: now } = await stateOf(replica(), { connected: true, applying: false, applyError: 1062 });
      assert.match(now?.applyError?.message ?? "", /Worker 1 failed executing transaction '[0-9a-f-]{36}:\d+'/);
      assert.equal(now?.secondsBehind, undefined);
      await replica().server.run("STOP REPLICA");
      await stateOf(replica(), { receiving: false, applying: false, applyError: 1062 });
    });

    it("tries once more if it is started, in vain", async () => {
      const { executed } = await primary().server.state();
      await replica().server.run("START REPLICA SQL_THREAD");
      assert.equal(await hasApplied(replica().server, executed, 1), false);
      await stateOf(replica(), { receiving: false, applying: false, applyError: 1062 });
    });

    it("has no error any more if it is made to replicate again, and meets it again", async () => {
      await replica().server.run("STOP REPLICA", "RESET REPLICA ALL");
      assert.equal((await replica().server.state()).replica, undefined);
      await follow(on().topology, replica().server, primary().server);
      await stateOf(replica(), { connected: true, applying: false, applyError: 1062 });
      assert.equal(await errnoOf(replica().server.query("RESET REPLICA ALL")), 3081); // it receives
    });
  });
}
