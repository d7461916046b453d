import assert from "node:assert/strict";
import { failover } from "../../../../runtime/mysql-controller/failover";
import { GtidSet } from "../../../../runtime/gtid-set";
import { Reconciler } from "../../../../runtime/mysql-controller/reconcile";
import { switchover } from "../../../../runtime/mysql-controller/switchover";
import { Lease, withLease } from "../../../../clients/kubernetes/lease";
import { useClock } from "../../../support/clock";
import { FakeApi, following, serverSet, UUID } from "../../../support/fake-mysql";
import { refused } from "../../../support/refusal";

describe("MySQL's operations when something fails half-way", () => {
  useClock();
  it("the stopped servers receive again if a server stops answering meanwhile", async () => {
    const set = serverSet(3);
    const [primary, leaving, stopped] = set.servers;
    primary.up = false;
    leaving.replica = stopped.replica = following("mysql-0", { connected: false });
    leaving.before = () => Object.assign(leaving, { up: false });
    await assert.rejects(failover(set.topology, { why: "a test" }));
    assert.equal(stopped.replica?.receiving, true);
  });
  it("they receive again if the new primary dies while it applies", async () => {
    const set = serverSet(3);
    set.servers[0].up = false;
    for (const s of set.servers.slice(1)) s.replica = following("mysql-0", { connected: false });
    set.servers[1].before = (st) => (st.includes("WAIT_FOR") ? Promise.reject(new Error("gone")) : undefined);
    await assert.rejects(failover(set.topology, { why: "a test" }));
    assert.equal(set.servers[2].replica?.receiving, true);
  });
  it("a primary without replicas is repaired once, not in every pass", async () => {
    const set = serverSet(1);
    set.servers[0].waitsForReplicas = true;
    const reconciler = new Reconciler(set.topology, false);
    await reconciler.pass();
    const count = set.journal.length;
    await reconciler.pass();
    assert.equal(set.journal.length, count);
  });
  it("takes its wish back when it gives up", async () => {
    const api = new FakeApi();
    const other = new Lease(api.api, "l", "other");
    await other.hold();
    const renewal = setInterval(() => void other.hold(), 1000);
    await assert.rejects(withLease(new Lease(api.api, "l", "one"), 10, () => Promise.resolve()));
    clearInterval(renewal);
    assert.deepEqual(await other.look(), {});
  });
  it("leaves no request behind if the lease came because it expired", async () => {
    const api = new FakeApi();
    await new Lease(api.api, "l", "dead").hold();
    const one = new Lease(api.api, "l", "one");
    await withLease(one, 10, () => Promise.resolve());
    assert.deepEqual(await one.look(), {});
  });
  it("is done though the old primary dies afterwards", async () => {
    const set = serverSet(2);
    let follows = false;
    set.servers[0].before = (st) => {
      if (follows && st.includes("processlist")) throw new Error("gone");
      if (st.startsWith("START REPLICA")) follows = true;
    };
    assert.equal((await switchover(set.topology)).to, "mysql-1");
  });
  it("an operator's word does not wait for the retry of a failed clone", async () => {
    const set = serverSet(2);
    Object.assign(set.servers[1], {
      executed: GtidSet.empty,
      replica: undefined,
      before: (st: string) => (st.startsWith("CLONE") ? Promise.reject(new Error("x")) : undefined),
    });
    const reconciler = new Reconciler(set.topology, false);
    await reconciler.pass();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual((await reconciler.pass("mysql-1")).problems, [
      "an operator wants mysql-1 cloned again; it is being cloned",
    ]);
  });
  it("refuses an interval that ends before it begins, and transaction 0, and a tag without numbers", () => {
    for (const wrong of ["5-3", "0", "0-2", "tag"])
      assert.throws(() => GtidSet.parse(`${UUID.a}:${wrong}`), /is not a GTID set/, wrong);
  });
  it("says of a primary without replicas that there is none", async () => {
    const set = serverSet(1);
    set.servers[0].up = false;
    await assert.rejects(failover(set.topology, { why: "a test" }), refused("MYSQL_NO_REPLICA", "mysql-0"));
  });
});
