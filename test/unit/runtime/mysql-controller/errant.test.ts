import assert from "node:assert/strict";
import { failover } from "../../../../runtime/mysql-controller/failover";
import { Reconciler } from "../../../../runtime/mysql-controller/reconcile";
import { following, gtids, letters, serverSet, type FakeSet } from "../../../support/fake-mysql";
import { refused } from "../../../support/refusal";

async function problems(set: FakeSet, replaceDivergent = true): Promise<string[]> {
  const found = await new Reconciler(set.topology, replaceDivergent).pass();
  return found.problems.map(letters);
}
const noted = ({ notes }: FakeSet): string => letters(notes.errant ?? "");
const WHILE_RUNNING =
  "mysql-1 has 1 transaction(s) that mysql-0 lacks (b:1): errant transactions, while it replicates; no failover promotes it if another server has the rest. `rejoin --server mysql-1` clones it again";

/** A set whose mysql-1 replicates, and has a transaction of its own. */
function withErrant(count = 3): FakeSet {
  const set = serverSet(count);
  set.servers[1].executed = gtids("a:1-5,b:1");
  return set;
}

function killPrimary({ servers: [primary, ...others] }: FakeSet): void {
  primary.up = false;
  for (const server of others) server.replica = following("mysql-0", { connected: false });
}

describe("an errant transaction", () => {
  it("of a server that replicates is reported at once, and changes nothing", async () => {
    const set = withErrant();
    assert.deepEqual(await problems(set), [WHILE_RUNNING]);
    assert.deepEqual([set.journal, noted(set)], [[], "b:1"]);
  });

  it("keeps its server out of an election, if another has everything that was acknowledged", async () => {
    const set = withErrant();
    await problems(set);
    killPrimary(set);
    set.servers[2].replica = following("mysql-0", { connected: false, retrieved: gtids("a:6") }); // only this one acknowledged it
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-2");
    assert.equal(set.servers[1].replica?.source, "mysql-0.example"); // it must not replicate as it is
  });

  it("does so even if its server could apply sooner", async () => {
    const set = withErrant();
    await problems(set);
    killPrimary(set);
    Object.assign(set.servers[2], { executed: gtids("a:1-4") });
    set.servers[2].replica = following("mysql-0", { connected: false, retrieved: gtids("a:5") });
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-2");
  });

  it("does not if only its server has what was acknowledged", async () => {
    const set = withErrant();
    await problems(set);
    killPrimary(set);
    set.servers[1].replica = following("mysql-0", { connected: false, retrieved: gtids("a:6") });
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-1");
  });

  it("that nobody saw while the primary was up counts as one that may have been acknowledged", async () => {
    const set = withErrant();
    killPrimary(set);
    set.servers[2].replica = following("mysql-0", { connected: false, retrieved: gtids("a:6") });
    await assert.rejects(failover(set.topology, { why: "a test" }), refused("MYSQL_TRANSACTIONS_DIVERGE"));
  });

  it("stays known while its server is down, and until the primary has it or no server does", async () => {
    const set = withErrant();
    await problems(set);
    set.servers[1].up = false;
    await problems(set);
    assert.equal(noted(set), "b:1");
    set.servers[1].up = true;
    set.servers[0].executed = gtids("a:1-5,b:1");
    await problems(set);
    assert.equal(noted(set), "");
    const cloned = withErrant();
    await problems(cloned);
    cloned.servers[1].executed = gtids("a:1-5");
    await problems(cloned);
    assert.equal(noted(cloned), "");
  });

  it("does not make a primary that starts again one with old data", async () => {
    const set = withErrant();
    set.notes.errant = gtids("b:1").toString();
    for (const server of set.servers) server.replica = undefined;
    Object.assign(set.servers[2], { executed: gtids("a:1-5,b:1") });
    set.servers[0].writable = false;
    await problems(set, false);
    assert.equal(set.servers[0].writable, true);
  });

  it("does not make a primary that starts again a dead one", async () => {
    const set = withErrant();
    set.notes.errant = gtids("b:1").toString();
    set.servers[0].writable = false;
    await assert.rejects(failover(set.topology, { why: "a test" }), refused("MYSQL_PRIMARY_ALIVE"));
  });

  it("stays known while its server is being cloned", async () => {
    const set = withErrant();
    await problems(set);
    set.servers[1].cloning = true;
    await problems(set);
    assert.equal(noted(set), "b:1");
  });

  it("is not one that a replica has from the primary meanwhile", async () => {
    const set = serverSet(2);
    const [primary, replica] = set.servers;
    replica.executed = gtids("a:1-6");
    const state = primary.state.bind(primary);
    primary.state = async () => {
      const now = await state();
      primary.executed = gtids("a:1-6");
      return now;
    };
    assert.deepEqual([await problems(set), noted(set)], [[], ""]);
  });
});

describe("a transaction that waits for its acknowledgement", () => {
  /** mysql-1 has applied it and stopped; mysql-2 is down. */
  async function waiting(): Promise<{ set: FakeSet; committed: Promise<void> }> {
    const set = serverSet(3);
    const [primary, replica, other] = set.servers;
    other.up = false;
    await replica.run("STOP REPLICA", "SET GLOBAL rpl_semi_sync_replica_enabled = OFF", "START REPLICA");
    const committed = primary.commit(primary.open());
    assert.deepEqual([primary.waits, replica.executed.minus(primary.executed).size], [1, 1]);
    await replica.run("STOP REPLICA", "SET GLOBAL rpl_semi_sync_replica_enabled = ON");
    set.journal.length = 0;
    return { set, committed };
  }

  it("is not errant: the replica continues, acknowledges it, and is not cloned", async () => {
    const { set, committed } = await waiting();
    assert.deepEqual(await problems(set), ["mysql-2 does not answer"]);
    await committed;
    assert.deepEqual(set.journal, ["mysql-1: START REPLICA", "mysql-0: FLUSH USER_RESOURCES", "mysql-0: closed"]);
    assert.deepEqual([set.servers[0].waits, noted(set)], [0, ""]);
  });
});
