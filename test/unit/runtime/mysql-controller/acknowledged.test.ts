import assert from "node:assert/strict";
import { failover } from "../../../../runtime/mysql-controller/failover";
import { Reconciler } from "../../../../runtime/mysql-controller/reconcile";
import { following, gtids, serverSet, type FakeSet } from "../../../support/fake-mysql";
import { refused } from "../../../support/refusal";

/** A pass, and what its clones begin with. */
async function pass(set: FakeSet): Promise<void> {
  await new Reconciler(set.topology, false).pass();
  await new Promise((resolve) => setImmediate(resolve));
}
const SET = /^mysql-0: rpl_semi_sync_source_/;
const fails = (set: FakeSet, ...parameters: string[]) =>
  assert.rejects(failover(set.topology, { why: "a test" }), refused("MYSQL_NO_QUORUM", ...parameters));

/** A set that was configured with fewer servers until now: the new ones are empty. */
function grown(from: number, to: number): FakeSet {
  const set = serverSet(to);
  set.notes.acknowledged = `${Math.floor(from / 2)} of ${from - 1}`;
  Object.assign(set.servers[0], { acknowledgements: Math.max(1, Math.floor(from / 2)), waitsForReplicas: from > 1 });
  for (const server of set.servers.slice(from))
    Object.assign(server, {
      executed: gtids(""),
      replica: undefined,
      before: (st: string) => (st.startsWith("CLONE") ? new Promise(() => undefined) : undefined),
    });
  return set;
}

function killed(set: FakeSet, ...ordinals: number[]): FakeSet {
  for (const ordinal of [0, ...ordinals]) set.servers[ordinal].up = false;
  for (const { replica } of set.servers) if (replica !== undefined) Object.assign(replica, { connected: false });
  return set;
}

/** A new server has its clone, and replicates. */
function cloned(set: FakeSet, ordinal: number): void {
  Object.assign(set.servers[ordinal], { executed: set.servers[0].executed, replica: following("mysql-0") });
}

describe("what is acknowledged", () => {
  it("is noted, and not again while nothing changes", async () => {
    const set = serverSet(3);
    await pass(set);
    assert.equal(set.notes.acknowledged, "1 of 2");
    set.topology.notebook.note = () => Promise.reject(new Error("it writes again"));
    await pass(set);
    assert.deepEqual(set.journal, []);
  });

  it("is restored at once if somebody lets the primary wait for fewer", async () => {
    const set = serverSet(3);
    await pass(set);
    for (const server of set.servers.slice(1)) server.up = false;
    set.servers[0].waitsForReplicas = false;
    await pass(set);
    assert.equal(set.servers[0].waitsForReplicas, true);
  });
});

describe("while servers are added", () => {
  it("commits wait for no more replicas than before, until there are enough to lose one", async () => {
    const set = grown(3, 5);
    await pass(set);
    assert.deepEqual([set.notes.acknowledged, set.journal.filter((line) => SET.test(line))], ["1 of 4", []]);
    cloned(set, 3);
    await pass(set);
    assert.deepEqual([set.servers[0].acknowledgements, set.notes.acknowledged], [2, "1 of 4"]);
    await pass(set);
    assert.equal(set.notes.acknowledged, "2 of 4");
  });

  it("a single server waits for none until the first replica has its data", async () => {
    const set = grown(1, 3);
    await pass(set);
    assert.deepEqual([set.servers[0].waitsForReplicas, set.notes.acknowledged], [false, "0 of 2"]);
    for (const ordinal of [1, 2]) cloned(set, ordinal);
    await pass(set);
    await pass(set);
    assert.deepEqual([set.servers[0].waitsForReplicas, set.notes.acknowledged], [true, "1 of 2"]);
  });

  it("a failover counts with what the primary really waited for", async () => {
    const set = grown(3, 5);
    await pass(set);
    await fails(killed(set, 1), "4 server(s) besides mysql-0", "only 3", "from mysql-1.");
    assert.equal(set.declared.primary, "mysql-0");
    set.servers[1].up = true;
    assert.match(await failover(set.topology, { why: "a test" }), /mysql-[12]/);
    assert.equal(set.notes.acknowledged, "1 of 4");
  });

  it("of one server no failover is certain, and an operator may choose", async () => {
    const set = grown(1, 2);
    await pass(set);
    cloned(set, 1);
    await fails(killed(set), "no replica had to acknowledge what mysql-0 committed");
    assert.equal(await failover(set.topology, { why: "a test", winner: "mysql-1" }), "mysql-1");
  });
});

describe("while servers are removed", () => {
  /** A set that was configured with two more servers until now, of which the removed ones may still run. */
  function shrunk(): FakeSet {
    const set = serverSet(3);
    set.notes.acknowledged = "2 of 4";
    set.servers[0].acknowledgements = 2;
    return set;
  }

  it("commits do not wait for those that are gone", async () => {
    const set = shrunk();
    await pass(set);
    assert.deepEqual([set.servers[0].acknowledgements, set.notes.acknowledged], [1, "1 of 4"]);
    await pass(set);
    assert.equal(set.notes.acknowledged, "1 of 2");
  });

  it("a removed server that is still connected counts", async () => {
    const set = shrunk();
    const query = set.servers[0].query.bind(set.servers[0]);
    let connected = 4;
    set.servers[0].query = (statement, values) =>
      statement.includes("Rpl_semi_sync_source_clients")
        ? Promise.resolve([{ clients: String(connected) }] as never)
        : query(statement, values);
    for (let passes = 0; passes < 3; passes++) await pass(set);
    assert.equal(set.notes.acknowledged, "1 of 4");
    connected = 2;
    await pass(set);
    assert.equal(set.notes.acknowledged, "1 of 2");
  });

  it("those that are left count only when they are connected", async () => {
    const set = shrunk();
    for (const server of set.servers.slice(1)) server.replica = following("mysql-0", { connected: false });
    Object.assign(set.notes, { acknowledged: "1 of 4" });
    set.servers[0].acknowledgements = 1;
    await pass(set);
    assert.equal(set.notes.acknowledged, "1 of 4");
  });

  it("a server that is promoted does not claim more than it waits for", async () => {
    const set = serverSet(3);
    set.notes.acknowledged = "2 of 3";
    killed(set);
    assert.equal(await failover(set.topology, { why: "a test", winner: "mysql-1" }), "mysql-1");
    assert.equal(set.notes.acknowledged, "1 of 3");
  });

  it("no failover happens before the rest have everything", async () => {
    const set = shrunk();
    for (const server of set.servers.slice(1)) server.executed = gtids("a:1-4");
    await pass(set);
    await pass(set);
    assert.equal(set.notes.acknowledged, "1 of 4");
    await fails(killed(set), "4 server(s)", "only 2", "from 2 removed server(s)");
    await fails(killed(shrunk()), "3 server(s)", "only 2");
  });
});
