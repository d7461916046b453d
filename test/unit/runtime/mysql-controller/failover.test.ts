import assert from "node:assert/strict";
import { failover } from "../../../../runtime/mysql-controller/failover";
import type { ErrorCode } from "../../../../contract/error-codes";
import {
  answersLate,
  following,
  gtids,
  letters,
  madeReadOnly,
  serverSet,
  type FakeServer,
  type FakeSet,
} from "../../../support/fake-mysql";
import { refused } from "../../../support/refusal";

/** A set whose primary is dead: the others have lost the connection to it. */
function withoutPrimary(count: number): FakeSet {
  const set = serverSet(count);
  const [primary, ...others] = set.servers;
  primary.up = false;
  for (const server of others) server.replica = following("mysql-0", { connected: false });
  return set;
}

const received = (server: FakeServer, text: string): void =>
  void (server.replica = following("mysql-0", { connected: false, retrieved: gtids(text) }));

function refuses(
  { topology }: FakeSet,
  winner: string | undefined,
  code: ErrorCode,
  ...parameters: string[]
): Promise<void> {
  return assert.rejects(failover(topology, { why: "a test", winner }), (error: Error) =>
    refused(code, ...parameters)(Object.assign(error, { message: letters(error.message) })),
  );
}

describe("a failover", () => {
  it("stops all receivers, waits until the best has applied, declares it, and only then makes it writable", async () => {
    const set = withoutPrimary(3);
    const [, other, winner] = set.servers;
    received(winner, "a:6-7");
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-2");
    assert.deepEqual(set.journal.slice(0, 5), [
      "mysql-1: STOP REPLICA IO_THREAD",
      "mysql-2: STOP REPLICA IO_THREAD",
      "mysql-2: START REPLICA SQL_THREAD",
      "mysql-2: wait for a:1-7",
      "declared: mysql-2",
    ]);
    const after = (server: FakeServer) => set.journal.slice(5).filter((line) => line.startsWith(server.name));
    assert.deepEqual(
      after(winner),
      [
        "STOP REPLICA",
        "RESET REPLICA ALL",
        "rpl_semi_sync_source_wait_for_replica_count = 1",
        "rpl_semi_sync_source_enabled = ON",
        "read_only = OFF",
      ].map((line) => `mysql-2: ${line}`),
    );
    assert.deepEqual(
      after(other),
      [
        "super_read_only = ON",
        "STOP REPLICA",
        "RESET REPLICA ALL",
        "rpl_semi_sync_source_enabled = OFF",
        "change source to mysql-2",
        "START REPLICA",
      ].map((line) => `mysql-1: ${line}`),
    );
    assert.deepEqual(
      [winner.writable, winner.replica, other.writable, other.replica?.source],
      [true, undefined, false, "mysql-2.example"],
    );
    assert.deepEqual(set.servers[0].statements, []);
    assert.deepEqual(set.logged, [
      "mysql-2 has received everything that was acknowledged: a:1-7",
      "mysql-2 is declared the primary",
    ]);
  });

  it("compares what the servers have after they have stopped receiving, not what they had before", async () => {
    const set = withoutPrimary(3);
    const [, late, early] = set.servers;
    received(early, "a:6");
    late.before = (statement) => (statement === "STOP REPLICA IO_THREAD" ? received(late, "a:6-7") : undefined);
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-1");
    assert.ok(set.journal.indexOf("mysql-2: STOP REPLICA IO_THREAD") < set.journal.indexOf("mysql-1: wait for a:1-7"));
  });

  it("of two servers needs only the other one", async () => {
    const set = withoutPrimary(2);
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-1");
    assert.equal(set.servers[1].writable, true);
  });

  it("continues with a quorum if another server does not answer, and if one that answers does not replicate", async () => {
    const set = withoutPrimary(4);
    set.servers[2].up = false;
    received(set.servers[3], "a:6");
    set.servers[1].before = (statement) =>
      statement.startsWith("START REPLICA USER") ? Promise.reject(new Error("no route")) : undefined;
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-3");
    assert.deepEqual([set.declared.primary, set.servers[3].writable], ["mysql-3", true]);
  });

  it("counts what a server has, even if it did not replicate", async () => {
    const set = withoutPrimary(2);
    set.servers[1].replica = undefined;
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-1");
  });
});

describe("a failover from a primary that answers", () => {
  it("is refused while another server receives from it, and changes nothing", async () => {
    const set = serverSet(3);
    set.servers[1].replica = following("mysql-0", { connected: false });
    await refuses(set, undefined, "MYSQL_PRIMARY_ALIVE", "mysql-0 is not dead", "mysql-2 receive(s)");
    assert.deepEqual([set.journal, set.declared.primary], [[], "mysql-0"]);
  });

  it("fences it before anything else, if no other server is connected to it", async () => {
    const set = withoutPrimary(3);
    set.servers[0].up = true;
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-1");
    assert.deepEqual(set.journal.slice(0, 9), [
      ...madeReadOnly("mysql-0"),
      "mysql-0: look for clients",
      "mysql-0: rpl_semi_sync_source_enabled = OFF",
      "mysql-0: closed",
      "mysql-0: look for clients",
      "mysql-1: STOP REPLICA IO_THREAD",
    ]);
    assert.equal(set.servers[0].writable, false);
  });

  it("continues if it cannot be fenced: it gets no acknowledgement", async () => {
    const set = withoutPrimary(3);
    Object.assign(set.servers[0], { up: true, before: () => Promise.reject(new Error("lock wait")) });
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-1");
    assert.equal(set.logged[1], "mysql-0: Error: lock wait; continuing, since it can get no acknowledgement");
  });
});

describe("a failover without a quorum", () => {
  it("is refused, names the servers that do not answer, and changes nothing", async () => {
    const three = withoutPrimary(3);
    three.servers[1].up = false;
    await refuses(
      three,
      undefined,
      "MYSQL_NO_QUORUM",
      "2 server(s) besides mysql-0",
      "only 1",
      "from mysql-1.",
      "Bring back mysql-1, or mysql-0",
    );
    const five = withoutPrimary(5);
    Object.assign(five.servers[1], { up: false });
    Object.assign(five.servers[4], { up: false });
    await refuses(
      five,
      undefined,
      "MYSQL_NO_QUORUM",
      "3 server(s) besides mysql-0",
      "only 2",
      "from mysql-1, mysql-4.",
      "Bring back mysql-1 or mysql-4, or mysql-0",
    );
    for (const set of [three, five]) assert.deepEqual([set.journal, set.declared.primary], [[], "mysql-0"]);
  });

  it("is refused even if the primary answers and has lost its replicas: it stays writable", async () => {
    const set = withoutPrimary(3);
    Object.assign(set.servers[0], { up: true });
    Object.assign(set.servers[1], { up: false });
    await refuses(set, undefined, "MYSQL_NO_QUORUM", "2 server(s)");
    assert.deepEqual([set.servers[0].writable, set.journal], [true, []]);
  });

  it("is refused if a server stops answering meanwhile", async () => {
    const set = withoutPrimary(3);
    const [, leaving] = set.servers;
    leaving.before = () => Object.assign(leaving, { up: false });
    await refuses(set, undefined, "MYSQL_NO_QUORUM", "from mysql-1.");
    assert.deepEqual([set.declared.primary, set.servers[2].writable], ["mysql-0", false]);
  });
});

describe("a failover to a server that an operator names", () => {
  it("is done although another has more, reports what is missing, and does not touch that other", async () => {
    const set = withoutPrimary(4);
    set.servers[1].executed = gtids("a:1-5,b:1-2");
    received(set.servers[1], "b:3");
    received(set.servers[2], "a:6");
    assert.equal(await failover(set.topology, { why: "a test", winner: "mysql-2" }), "mysql-2");
    assert.equal(set.logged[0], "mysql-2 is chosen by the operator, without 3 transaction(s) that mysql-1 has (b:1-3)");
    assert.deepEqual(
      set.servers.map(({ replica }) => replica?.source),
      [undefined, "mysql-0.example", undefined, "mysql-2.example"],
    );
    assert.deepEqual(
      [set.declared.primary, set.servers[2].writable, set.servers[1].replica?.receiving],
      ["mysql-2", true, false],
    );
  });

  it("is refused while that server is being cloned", async () => {
    const set = withoutPrimary(3);
    set.servers[2].cloning = true;
    await refuses(set, "mysql-2", "MYSQL_CHOSEN_CLONING", "mysql-2 is being cloned");
    assert.deepEqual([set.declared.primary, set.servers[1].replica?.receiving], ["mysql-0", true]);
  });

  it("is refused if that server does not answer, or is the primary, and needs a quorum too", async () => {
    const set = withoutPrimary(4);
    set.servers[2].up = false;
    await refuses(set, "mysql-2", "MYSQL_CHOSEN_UNREACHABLE", "mysql-2", "mysql-1 and mysql-3");
    await refuses(set, "mysql-0", "MYSQL_FAILOVER_TO_PRIMARY", "mysql-0");
    set.servers[3].up = false;
    await refuses(set, "mysql-1", "MYSQL_NO_QUORUM", "2 server(s)");
    assert.deepEqual([set.declared.primary, set.servers[1].replica?.receiving], ["mysql-0", true]);
  });
});

describe("a failover whose declaration was made, but the answer lost", () => {
  it("continues", async () => {
    const set = withoutPrimary(2);
    answersLate(set);
    assert.equal(await failover(set.topology, { why: "a test" }), "mysql-1");
    assert.equal(set.servers[1].writable, true);
  });
});

describe("a failover that cannot finish", () => {
  /** All servers that answered receive again, none takes writes, and the declaration stands. */
  function undone({ servers, declared }: FakeSet): void {
    assert.deepEqual(
      servers.slice(1).map(({ replica, writable }) => [replica?.receiving, writable]),
      [
        [true, false],
        [true, false],
      ],
    );
    assert.equal(declared.primary, "mysql-0");
  }

  it("because no server has all transactions, names what each lacks, and lets them receive again", async () => {
    const set = withoutPrimary(3);
    set.servers[1].executed = gtids("a:1-5,b:1");
    received(set.servers[2], "a:6");
    await refuses(set, undefined, "MYSQL_TRANSACTIONS_DIVERGE", "mysql-1 lacks a:6; mysql-2 lacks b:1");
    assert.deepEqual(set.journal.slice(2), ["mysql-1: START REPLICA IO_THREAD", "mysql-2: START REPLICA IO_THREAD"]);
    undone(set);
  });

  it("because no server has any data, promotes an empty one only if an operator names it", async () => {
    const set = withoutPrimary(3);
    for (const server of set.servers.slice(1)) server.executed = gtids("");
    await refuses(set, undefined, "MYSQL_NO_DATA", "except mysql-0", "If mysql-0 has none");
    undone(set);
    assert.equal(await failover(set.topology, { why: "a test", winner: "mysql-1" }), "mysql-1");
  });

  it("because the best has not applied all in time, lets them receive again", async () => {
    const set = withoutPrimary(3);
    set.servers[1].late = true;
    await refuses(set, undefined, "MYSQL_APPLY_TIMEOUT", "mysql-1", "120 s");
    undone(set);
  });

  it("because the best cannot apply what it has, reports the reason at once", async () => {
    const set = withoutPrimary(3);
    received(set.servers[2], "a:6");
    set.servers[2].late = true;
    set.servers[2].replica = { ...set.servers[2].replica!, applyError: { code: 1062, message: "Duplicate entry" } };
    await refuses(set, undefined, "MYSQL_APPLY_FAILED", "mysql-2", "error 1062, Duplicate entry");
    assert.equal(set.journal.filter((line) => line.includes("wait for")).length, 1);
    undone(set);
  });

  it("because another process has declared another primary, makes no server writable", async () => {
    const set = withoutPrimary(3);
    set.conflict = new Error("somebody else has decided");
    await assert.rejects(failover(set.topology, { why: "a test" }), set.conflict);
    assert.deepEqual(
      set.servers.slice(1).map(({ writable }) => writable),
      [false, false],
    );
    assert.ok(!set.journal.some((line) => /RESET REPLICA|read_only/.test(line)));
  });
});
