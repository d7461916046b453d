import assert from "node:assert/strict";
import { Reconciler, type Findings } from "../../../../runtime/mysql-controller/reconcile";
import { following, gtids, letters, madeReadOnly, serverSet, UUID, type FakeSet } from "../../../support/fake-mysql";
import { refused } from "../../../support/refusal";

/** A set that has just started: all are read-only, and follow nobody. */
function booted(count: number, data: string): FakeSet {
  const set = serverSet(count);
  for (const server of set.servers)
    Object.assign(server, { writable: false, waitsForReplicas: false, replica: undefined, executed: gtids(data) });
  return set;
}

async function pass(set: FakeSet, replaceDivergent = false): Promise<Omit<Findings, "seen">> {
  const { seen, ...findings } = await new Reconciler(set.topology, replaceDivergent).pass();
  assert.equal(seen, set.servers.filter(({ up }) => up).length);
  return { ...findings, problems: findings.problems.map(letters) };
}

const GO_ON = "mysql-1: START REPLICA";
/** The same in full. */
const GONE_ON = ["START REPLICA USER = 'replica' PASSWORD = 'it\\'s'"];
const well = { primary: "mysql-0", isOfUse: true, primaryLost: undefined, problems: [] };

describe("a pass over servers that are as declared", () => {
  it("changes nothing and finds nothing", async () => {
    const set = serverSet(3);
    assert.deepEqual(await pass(set), well);
    assert.deepEqual([set.journal, set.logged], [[], []]);
  });

  it("is the same after it has repaired them", async () => {
    const set = booted(3, "a:1-5");
    assert.deepEqual(await pass(set), well);
    const statements = set.journal.length;
    assert.ok(statements > 0);
    assert.deepEqual(await pass(set), well);
    assert.equal(set.journal.length, statements);
  });
});

describe("a set that starts", () => {
  it("gets its primary, then its replicas", async () => {
    const set = booted(3, "");
    assert.deepEqual(await pass(set), well);
    assert.deepEqual(set.logged, [
      "mysql-0 is the declared primary: it becomes writable now",
      "mysql-1 replicates from mysql-0",
      "mysql-2 replicates from mysql-0",
    ]);
    assert.deepEqual(
      set.servers.map(({ writable, waitsForReplicas, replica }) => [writable, waitsForReplicas, replica?.source]),
      [
        [true, true, undefined],
        [false, false, "mysql-0.example"],
        [false, false, "mysql-0.example"],
      ],
    );
  });

  it("of one server gets its primary at once", async () => {
    const set = booted(1, "");
    assert.deepEqual(await pass(set), well);
    assert.deepEqual([set.servers[0].writable, set.servers[0].waitsForReplicas], [true, false]);
  });

  it("for the first time waits for its primary, if that is the last to start, and does not count it as lost", async () => {
    const set = booted(3, "");
    set.servers[0].up = false;
    assert.deepEqual(await pass(set), {
      ...well,
      isOfUse: false,
      problems: ["mysql-0 does not answer", "no other server has data: waiting for mysql-0"],
    });
    set.servers[1].executed = gtids("a:1");
    assert.deepEqual(await pass(set), {
      ...well,
      isOfUse: false,
      primaryLost: "mysql-0 does not answer",
      problems: ["mysql-0 does not answer"],
    });
  });

  it("for the first time waits for servers that might have data, and does not count as lost", async () => {
    const set = booted(3, "");
    set.servers[2].up = false;
    assert.deepEqual(await pass(set), {
      ...well,
      problems: [
        "mysql-2 does not answer",
        "mysql-0 is empty, and 1 server(s) cannot be asked whether they have data: waiting for them",
      ],
    });
    assert.deepEqual(set.journal, []);
    set.servers[2].up = true;
    assert.deepEqual(await pass(set), well);
  });

  it("has lost its primary's data if the primary is empty and another server is not", async () => {
    const set = booted(3, "");
    set.servers[2].executed = gtids("a:1");
    const why = "mysql-0 has lost its data: it is empty, and mysql-2 is not";
    assert.deepEqual(await pass(set), { primary: "mysql-0", isOfUse: false, primaryLost: why, problems: [why] });
    assert.deepEqual(set.journal, []);
  });

  it("has a primary with old data if more servers are ahead of it than acknowledge a commit", async () => {
    const set = booted(3, "a:1-5");
    for (const server of set.servers.slice(1)) server.executed = gtids("a:1-6");
    const why = "mysql-0 lacks transactions that mysql-1 and mysql-2 have: its data are old";
    assert.deepEqual(await pass(set), { primary: "mysql-0", isOfUse: false, primaryLost: why, problems: [why] });
    assert.deepEqual(set.journal, []);
  });

  it("has a primary with old data if another server has, or has only received, what the primary wrote itself", async () => {
    const set = booted(3, "a:1-5");
    const own = set.servers[0].state.bind(set.servers[0]);
    set.servers[0].state = async () => ({ ...(await own()), uuid: UUID.a });
    set.servers[1].replica = following("mysql-0", { connected: false, retrieved: gtids("a:5-6") });
    const why = "mysql-0 lacks transactions that it wrote itself and mysql-1 has: its data are old";
    assert.deepEqual(await pass(set), { primary: "mysql-0", isOfUse: false, primaryLost: why, problems: [why] });
    assert.deepEqual(set.journal, []);
  });

  it("continues if no more servers are ahead than acknowledge: their transactions were never acknowledged to a client", async () => {
    const set = booted(3, "a:1-5");
    set.servers[1].executed = gtids("a:1-5,b:1");
    assert.deepEqual(await pass(set), {
      ...well,
      problems: [
        "mysql-1 has 1 transaction(s) that mysql-0 lacks (b:1): errant transactions, which were never acknowledged to a client, or which an operator has given up; it does not replicate until `rejoin --server mysql-1` clones it again",
      ],
    });
    assert.equal(set.servers[0].writable, true);
  });
});

describe("a primary", () => {
  it("that was declared applies what it has received before it becomes writable", async () => {
    const set = booted(2, "a:1-5");
    const [primary] = set.servers;
    primary.replica = following("mysql-1", {
      connected: false,
      receiving: false,
      applying: false,
      retrieved: gtids("a:6"),
    });
    assert.deepEqual((await pass(set)).problems, ["mysql-0 applies what it has received, then it becomes writable"]);
    assert.deepEqual([set.journal, primary.writable], [["mysql-0: START REPLICA SQL_THREAD"], false]);
    primary.executed = gtids("a:1-6");
    await pass(set);
    assert.equal(primary.writable, true);
  });

  it("that is unreachable is lost", async () => {
    const set = serverSet(3);
    set.servers[0].up = false;
    for (const server of set.servers.slice(1)) server.replica = following("mysql-0", { connected: false });
    assert.deepEqual(await pass(set), {
      primary: "mysql-0",
      isOfUse: false,
      primaryLost: "mysql-0 does not answer",
      problems: ["mysql-0 does not answer"],
    });
    assert.deepEqual(set.journal, []);
  });

  it("that is unreachable only from here is not lost: another server is connected to it", async () => {
    const set = serverSet(3);
    set.servers[0].up = false;
    set.servers[1].replica = following("mysql-0", { connected: false });
    assert.deepEqual(await pass(set), {
      primary: "mysql-0",
      isOfUse: false,
      primaryLost: undefined,
      problems: [
        "mysql-0 does not answer",
        "mysql-2 is connected to mysql-0, which is unreachable from the controller only",
      ],
    });
  });

  it("that is unreachable is lost, even if a server is connected to another source", async () => {
    const set = serverSet(3);
    set.servers[0].up = false;
    set.servers[1].replica = following("mysql-2");
    set.servers[2].replica = following("mysql-0", { connected: false });
    assert.equal((await pass(set)).primaryLost, "mysql-0 does not answer");
  });

  it("that is writable without waiting for its replicas is made to wait", async () => {
    const set = serverSet(2);
    set.servers[0].waitsForReplicas = false;
    assert.deepEqual(await pass(set), well);
    assert.equal(set.servers[0].waitsForReplicas, true);
  });

  it("that the declaration names and the stack does not have ends the pass with an error", async () => {
    const set = serverSet(2);
    set.declared.primary = "mysql-2";
    await assert.rejects(
      pass(set),
      refused("MYSQL_PRIMARY_NOT_CONFIGURED", "mysql-2 is none of mysql-0, mysql-1", "switch over to mysql-0"),
    );
  });
});

describe("a server besides the primary", () => {
  it("that is writable is demoted before anything else, then replicates", async () => {
    const set = serverSet(2);
    Object.assign(set.servers[1], { writable: true, replica: undefined });
    assert.deepEqual(await pass(set), well);
    assert.deepEqual(set.journal.slice(0, 6), [
      ...madeReadOnly("mysql-1"),
      "mysql-1: look for clients",
      "mysql-1: rpl_semi_sync_source_enabled = OFF",
    ]);
    assert.equal(set.servers[1].replica?.source, "mysql-0.example");
  });

  it("that is writable while it is ahead is demoted all the same, and does not replicate", async () => {
    const set = serverSet(2);
    Object.assign(set.servers[1], { writable: true, replica: undefined, executed: gtids("a:1-5,b:1") });
    assert.equal((await pass(set)).problems.length, 1);
    assert.deepEqual([set.servers[1].writable, set.servers[1].replica], [false, undefined]);
  });

  it("that is writable is compared by what it has when its last commits have ended", async () => {
    const set = serverSet(2);
    const [, server] = set.servers;
    Object.assign(server, { writable: true, waitsForReplicas: true, replica: undefined });
    server.before = (statement) =>
      void (statement === "SET GLOBAL rpl_semi_sync_source_enabled = OFF" && (server.executed = gtids("a:1-5,b:1")));
    assert.match((await pass(set)).problems[0], /^mysql-1 has 1 transaction\(s\) that mysql-0 lacks \(b:1\)/);
    assert.equal(server.replica, undefined);
  });

  it("that replicates from another server is switched to the primary, and so is one that cannot read what it received", async () => {
    const broken = following("mysql-0", {
      applying: false,
      applyError: { code: 13121, message: "Relay log read failure" },
    });
    for (const replica of [following("mysql-2"), broken]) {
      const set = serverSet(3);
      set.servers[1].replica = replica;
      assert.deepEqual(await pass(set), well);
      assert.deepEqual(set.logged, ["mysql-1 replicates from mysql-0"]);
      assert.deepEqual(
        [set.servers[1].replica, set.journal.at(-1)],
        [following("mysql-0"), "mysql-1: look for clients"],
      ); // who came before is sent away
    }
  });

  it("that has stopped continues, with all that it has received", async () => {
    const received = gtids("a:6-9");
    for (const replica of [
      following("mysql-0", { receiving: false, connected: false, retrieved: received }),
      following("mysql-0", { applying: false, retrieved: received }),
    ]) {
      const set = serverSet(3);
      set.servers[0].executed = gtids("a:1-9");
      set.servers[1].replica = replica;
      assert.deepEqual(await pass(set), well);
      assert.deepEqual([set.logged, set.journal], [["mysql-1 replicates from mysql-0 again"], [GO_ON]]);
      assert.deepEqual(set.servers[1].statements, GONE_ON);
      assert.deepEqual(set.servers[1].replica, following("mysql-0", { retrieved: received }));
    }
  });

  it("that has stopped with transactions that the primary lacks drops them, and replicates again", async () => {
    const set = serverSet(2);
    set.servers[1].replica = following("mysql-0", { applying: false, retrieved: gtids("a:6") });
    assert.deepEqual(await pass(set), well);
    assert.deepEqual([set.logged, set.servers[1].replica], [["mysql-1 replicates from mysql-0"], following("mysql-0")]);
  });

  it("that has stopped and cannot continue, because it was cloned, replicates again", async () => {
    const set = serverSet(2);
    const [, server] = set.servers;
    server.replica = following("mysql-0", { receiving: false, connected: false, applying: false });
    let starts = 0;
    server.before = (statement) =>
      statement.startsWith("START REPLICA") && starts++ === 0
        ? Promise.reject(Object.assign(new Error("failed to initialize"), { errno: 1872 }))
        : undefined;
    assert.deepEqual(await pass(set), well);
    assert.deepEqual([set.logged, server.replica], [["mysql-1 replicates from mysql-0"], following("mysql-0")]);
  });

  it("that cannot be made to continue keeps what it has received", async () => {
    const set = serverSet(2);
    const [, server] = set.servers;
    server.replica = following("mysql-0", { applying: false });
    server.before = () => Promise.reject(new Error("timeout"));
    assert.deepEqual((await pass(set)).problems, ["mysql-1: Error: timeout"]);
    assert.deepEqual(set.journal, [GO_ON]);
    assert.deepEqual(server.statements, GONE_ON);
  });

  it("that is behind the primary is compared with the primary's current transactions, not with earlier ones", async () => {
    const set = serverSet(2);
    const [primary, replica] = set.servers;
    Object.assign(replica, { replica: undefined, executed: gtids("a:1-6") });
    const state = primary.state.bind(primary);
    let looks = 0;
    primary.state = () => {
      if (looks++ > 0) primary.executed = gtids("a:1-7");
      return state();
    };
    assert.deepEqual(await pass(set), well);
    assert.equal(replica.replica?.source, "mysql-0.example");
  });

  it("that keeps trying to connect is reported and not touched", async () => {
    const set = serverSet(3);
    set.servers[1].replica = following("mysql-0", {
      connected: false,
      receiveError: { code: 2003, message: "error connecting" },
    });
    set.servers[2].replica = following("mysql-0", { connected: false });
    assert.deepEqual(await pass(set), {
      ...well,
      problems: ["mysql-1 is not connected to mysql-0: error connecting", "mysql-2 is not connected to mysql-0"],
    });
    assert.deepEqual(set.journal, []);
  });

  it("that cannot apply a transaction is reported and not touched, so that an operator can examine it", async () => {
    const set = serverSet(2);
    set.servers[1].replica = following("mysql-0", {
      applying: false,
      applyError: { code: 1062, message: "Duplicate entry" },
    });
    assert.deepEqual(await pass(set, true), {
      ...well,
      problems: ["mysql-1 cannot apply a transaction: Duplicate entry"],
    });
    assert.deepEqual(set.journal, []);
  });

  it("that cannot be made to replicate does not stop the others", async () => {
    const set = booted(3, "a:1-5");
    set.servers[1].before = (statement) =>
      statement.startsWith("CHANGE") ? Promise.reject(new Error("disk full")) : undefined;
    assert.deepEqual(await pass(set), { ...well, problems: ["mysql-1: Error: disk full"] });
    assert.equal(set.servers[2].replica?.connected, true);
  });
});
