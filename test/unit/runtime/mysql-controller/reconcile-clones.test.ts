import assert from "node:assert/strict";
import { GtidSet } from "../../../../runtime/gtid-set";
import { Reconciler } from "../../../../runtime/mysql-controller/reconcile";
import { useClock } from "../../../support/clock";
import { following, gtids, letters, serverSet, type FakeServer, type FakeSet } from "../../../support/fake-mysql";

/** A clone whose end the test decides. */
function pendingClone(server: FakeServer): { end: (error?: Error) => void } {
  const clone: { end: (error?: Error) => void } = { end: () => undefined };
  server.before = (statement) =>
    !statement.startsWith("CLONE")
      ? undefined
      : new Promise<void>((resolve, reject) => {
          clone.end = (error) => (error === undefined ? resolve() : reject(error));
        });
  return clone;
}

const cloned = (server: FakeServer): string[] => server.statements.filter((statement) => statement.startsWith("CLONE"));
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function problems(reconciler: Reconciler, approved?: string): Promise<string[]> {
  const found = (await reconciler.pass(approved)).problems.map(letters);
  await settled();
  return found;
}

describe("a server is cloned", () => {
  const clock = useClock();

  /** A set whose mysql-1 has lost its data, and whose mysql-2, if there is one, is well. */
  function withEmpty(count: number): FakeSet {
    const set = serverSet(count);
    Object.assign(set.topology, { semiSync: "preferred" });
    Object.assign(set.servers[1], { executed: GtidSet.empty, replica: undefined });
    return set;
  }

  it("if it is empty: next to its data, read-only, then it restarts", async () => {
    const set = withEmpty(2);
    assert.deepEqual(await problems(new Reconciler(set.topology, false)), ["mysql-1 is empty; it is being cloned"]);
    assert.deepEqual(set.servers[1].statements, [
      "SET GLOBAL super_read_only = ON",
      "STOP REPLICA",
      "SET GLOBAL clone_valid_donor_list = 'mysql-0.example:3306'",
      "CLONE INSTANCE FROM 'control'@'mysql-0.example':3306 IDENTIFIED BY 'it\\'s own' DATA DIRECTORY = '/var/lib/mysql/cloned' REQUIRE SSL",
      "SHUTDOWN",
    ]);
    assert.equal(set.journal.at(-1), "mysql-1: closed");
    assert.deepEqual(set.logged, [
      "mysql-1 is empty: cloning it from mysql-0",
      "mysql-1 is cloned and restarts on the new data",
    ]);
  });

  it("again after a restart if an interrupted clone has left its folder", async () => {
    const set = withEmpty(2);
    const [, server] = set.servers;
    server.before = (statement) =>
      statement.startsWith("CLONE")
        ? Promise.reject(Object.assign(new Error("database exists"), { errno: 1007 }))
        : undefined;
    const reconciler = new Reconciler(set.topology, false);
    await problems(reconciler);
    assert.equal(server.statements.at(-1), "SHUTDOWN");
    assert.deepEqual(set.logged.slice(1), [
      "mysql-1 restarts, because an earlier clone has left its folder: a complete clone is used, an incomplete one removed",
      "mysql-1 was not cloned: Error: database exists",
    ]);
    server.before = () => undefined;
    server.start();
    clock.pass(15_000);
    await problems(reconciler);
    assert.equal(set.logged.at(-1), "mysql-1 is cloned and restarts on the new data");
  });

  it("from a connected replica, to keep load off the primary", async () => {
    const set = withEmpty(4);
    set.servers[2].replica = following("mysql-0", { connected: false });
    await problems(new Reconciler(set.topology, false));
    assert.match(cloned(set.servers[1])[0], /FROM 'control'@'mysql-3\.example':3306/);
  });

  it("if it asks for what the primary has purged", async () => {
    for (const code of [1236, 13114]) {
      const set = serverSet(2);
      set.servers[1].executed = gtids("a:1-2");
      set.servers[1].replica = following("mysql-0", {
        connected: false,
        receiving: false,
        receiveError: { code, message: "purged" },
      });
      assert.deepEqual(await problems(new Reconciler(set.topology, false)), [
        "mysql-1 is too far behind: mysql-0's binary logs no longer have what it needs; it is being cloned",
      ]);
      assert.match(cloned(set.servers[1])[0], /DATA DIRECTORY = '\/var\/lib\/mysql\/cloned' /);
    }
  });

  it("never if another error has stopped it: it replicates again", async () => {
    const set = serverSet(2);
    set.servers[1].replica = following("mysql-0", {
      connected: false,
      receiving: false,
      receiveError: { code: 2003, message: "no route" },
    });
    assert.deepEqual(await problems(new Reconciler(set.topology, true)), [
      "mysql-1 had stopped receiving from mysql-0: no route",
    ]);
    assert.deepEqual([cloned(set.servers[1]), set.servers[1].replica.connected], [[], true]);
  });

  describe("if it has errant transactions", () => {
    const divergent = (): FakeSet => {
      const set = serverSet(2);
      Object.assign(set.servers[1], { executed: gtids("a:1-4,b:1-2"), replica: undefined });
      return set;
    };
    const what =
      "mysql-1 has 2 transaction(s) that mysql-0 lacks (b:1-2): errant transactions, which were never acknowledged to a client, or which an operator has given up";

    it("only if an operator asks for it, if failover is manual", async () => {
      const set = divergent();
      const reconciler = new Reconciler(set.topology, false);
      assert.deepEqual(await problems(reconciler), [
        `${what}; it does not replicate until \`rejoin --server mysql-1\` clones it again`,
      ]);
      assert.deepEqual(set.journal, []);
      assert.deepEqual(await problems(reconciler, "mysql-1"), [
        "an operator wants mysql-1 cloned again; it is being cloned",
      ]);
      assert.equal(cloned(set.servers[1]).length, 1);
    });

    it("without a request, if failover is automatic, and its logs are kept", async () => {
      const set = divergent();
      assert.deepEqual(await problems(new Reconciler(set.topology, true)), [`${what}; it is being cloned`]);
      assert.match(cloned(set.servers[1])[0], /DATA DIRECTORY = '\/var\/lib\/mysql\/cloned-keep-logs' REQUIRE SSL$/);
      assert.equal(set.logged[0], `${what}: cloning it from mysql-0; its old logs are kept`);
    });
  });

  it("if it has received from another what the primary lacks, applied or not, and its logs are kept", async () => {
    const set = serverSet(3);
    set.servers[2].replica = following("mysql-1", { connected: false, applying: false, retrieved: gtids("b:1") });
    const what =
      "mysql-2 has 1 transaction(s) that mysql-0 lacks (b:1): errant transactions, which were never acknowledged to a client, or which an operator has given up";
    assert.deepEqual(await problems(new Reconciler(set.topology, true)), [`${what}; it is being cloned`]);
    assert.match(cloned(set.servers[2])[0], /'\/var\/lib\/mysql\/cloned-keep-logs'/);
  });

  it("if an operator wants it, although it replicates, and its logs are kept", async () => {
    const set = serverSet(3);
    assert.deepEqual(await problems(new Reconciler(set.topology, false), "mysql-1"), [
      "an operator wants mysql-1 cloned again; it is being cloned",
    ]);
    assert.match(
      cloned(set.servers[1])[0],
      /FROM 'control'@'mysql-2\.example':3306 .*'\/var\/lib\/mysql\/cloned-keep-logs'/,
    );
    assert.deepEqual(set.servers[2].statements, []);
  });

  it("never, if it is the primary", async () => {
    const set = serverSet(2);
    assert.deepEqual(await problems(new Reconciler(set.topology, true), "mysql-0"), []);
    assert.deepEqual(set.journal, []);
  });

  it("once at a time", async () => {
    const set = withEmpty(2);
    const clone = pendingClone(set.servers[1]);
    const reconciler = new Reconciler(set.topology, false);
    assert.equal(reconciler.busy, false);
    await problems(reconciler);
    assert.equal(reconciler.busy, true);
    assert.deepEqual(await problems(reconciler), ["mysql-1 is being cloned"]);
    assert.deepEqual(await problems(reconciler, "mysql-1"), ["mysql-1 is being cloned"]);
    assert.equal(cloned(set.servers[1]).length, 1);
    clone.end();
    await settled();
    assert.equal(reconciler.busy, false);
  });

  describe("from a primary whose commits could not end meanwhile", () => {
    /** A set that needs an acknowledgement for each commit, and whose mysql-1 has lost its data. */
    function needy(count: number): FakeSet {
      const set = withEmpty(count);
      Object.assign(set.topology, { semiSync: "required" });
      return set;
    }

    it("after they have ended without an acknowledgement, and then the primary is writable again", async () => {
      const set = needy(2);
      const [primary, server] = set.servers;
      const client = primary.open();
      const commit = assert.rejects(primary.commit(client), /Connection lost/); // the client is not told that it is committed
      const reconciler = new Reconciler(set.topology, true);
      await problems(reconciler);
      await commit;
      await settled();
      assert.deepEqual([primary.writable, primary.waits, server.up], [false, 0, false]);
      assert.ok(set.logged.some((line) => line.includes("mysql-0 becomes read-only while it is cloned from")));
      server.start();
      for (let passes = 0; passes < 2; passes++) await problems(reconciler);
      assert.deepEqual([primary.writable, server.replica?.connected], [true, true]);
      assert.ok(server.executed.contains(primary.executed)); // what was not acknowledged is not lost either
    });

    it("which stays read-only until the clone has ended, or another replica is back", async () => {
      const set = needy(3);
      const [primary, server, other] = set.servers;
      other.up = false;
      pendingClone(server);
      server.before = ((before) => (statement: string) => {
        if (statement.startsWith("CLONE")) server.cloning = true;
        return before(statement);
      })(server.before);
      const reconciler = new Reconciler(set.topology, true);
      await problems(reconciler);
      await settled();
      for (let passes = 0; passes < 100; passes++, clock.pass(1000))
        assert.equal(
          (await problems(reconciler)).at(-1),
          "mysql-0 stays read-only while a server is cloned: no commit could end before that, and the clone would wait for the commits",
        );
      assert.equal(primary.writable, false);
      other.up = true;
      await problems(reconciler);
      assert.equal(primary.writable, true);
    });

    it("and not if another primary was declared meanwhile", async () => {
      const set = needy(2);
      set.servers[0].before = (statement) => void (statement === "UNLOCK TABLES" && (set.declared.primary = "mysql-1"));
      await problems(new Reconciler(set.topology, true));
      await settled();
      assert.deepEqual(cloned(set.servers[1]), []);
      assert.equal(set.logged.at(-1), "mysql-1 was not cloned: Error: mysql-0 is no longer the declared primary");
    });

    it("also if an operator wants the only replica that acknowledges to be cloned", async () => {
      const set = serverSet(2);
      await problems(new Reconciler(set.topology, true), "mysql-1");
      await settled();
      assert.deepEqual([set.servers[0].writable, set.servers[1].up], [false, false]);
    });

    it("and not if enough replicas are connected, or the primary waits for none yet", async () => {
      for (const [count, waits] of [
        [3, true],
        [2, false],
      ] as const) {
        const set = needy(count);
        set.notes.acknowledged = waits ? "1 of 2" : "0 of 0";
        set.servers[0].waitsForReplicas = waits;
        await problems(new Reconciler(set.topology, true));
        assert.deepEqual([set.servers[0].writable, set.servers[1].up], [true, false]);
      }
    });
  });

  it("once, if another process has started the clone", async () => {
    const set = withEmpty(2);
    set.servers[1].cloning = true;
    const reconciler = new Reconciler(set.topology, false);
    assert.deepEqual(await problems(reconciler), ["mysql-1 is being cloned"]);
    assert.deepEqual([set.journal, reconciler.busy], [[], false]);
  });

  it("again if the server knows of no clone any more, and its answer is lost", async () => {
    const set = withEmpty(2);
    pendingClone(set.servers[1]);
    const reconciler = new Reconciler(set.topology, false);
    await problems(reconciler);
    set.servers[1].cloning = true;
    for (let passes = 0; passes < 100; passes++) await problems(reconciler);
    assert.equal(reconciler.busy, true);
    set.servers[1].cloning = false;
    for (let passes = 0; passes < 20; passes++) await problems(reconciler);
    assert.deepEqual([reconciler.busy, cloned(set.servers[1]).length], [false, 1]);
    clock.pass(15_000);
    assert.deepEqual(await problems(reconciler), ["mysql-1 is empty; it is being cloned"]);
    assert.equal(cloned(set.servers[1]).length, 2);
  });

  describe("again after a failure", () => {
    /** Fails a clone, and tells how long the next one is put off, in seconds. */
    async function failOnce(set: FakeSet, reconciler: Reconciler): Promise<number> {
      const [, server] = set.servers;
      const before = cloned(server).length;
      server.before = (statement) =>
        statement.startsWith("CLONE") ? Promise.reject(new Error("donor is gone")) : undefined;
      assert.deepEqual(await problems(reconciler), ["mysql-1 is empty; it is being cloned"]);
      assert.equal(cloned(server).length, before + 1);
      const [problem] = await problems(reconciler);
      const next = /^mysql-1 is empty; its clone failed or did not help, the next one starts at (\S+)$/.exec(
        problem,
      )?.[1];
      assert.equal(cloned(server).length, before + 1);
      return (Date.parse(next ?? "") - Date.now()) / 1000;
    }

    it("later each time, at most an hour", async () => {
      const set = withEmpty(2);
      const reconciler = new Reconciler(set.topology, false);
      const waits: number[] = [];
      for (let attempt = 0; attempt < 10; attempt++) {
        const wait = await failOnce(set, reconciler);
        waits.push(wait);
        clock.pass(wait * 1000);
      }
      assert.deepEqual(waits, [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
      assert.equal(set.logged[1], "mysql-1 was not cloned: Error: donor is gone");
      assert.equal(reconciler.busy, false);
    });

    it("not before its time is over", async () => {
      const set = withEmpty(2);
      const reconciler = new Reconciler(set.topology, false);
      const wait = await failOnce(set, reconciler);
      clock.pass(wait * 1000 - 1);
      assert.match((await problems(reconciler))[0], /^mysql-1 is empty; its clone failed or did not help/);
      clock.pass(1);
      assert.deepEqual(await problems(reconciler), ["mysql-1 is empty; it is being cloned"]);
    });

    it("at once, if it has replicated without errors in between", async () => {
      const set = withEmpty(2);
      const reconciler = new Reconciler(set.topology, false);
      await failOnce(set, reconciler);
      Object.assign(set.servers[1], { executed: gtids("a:1-5"), replica: following("mysql-0") });
      assert.deepEqual(await problems(reconciler), []);
      Object.assign(set.servers[1], { executed: GtidSet.empty, replica: undefined });
      assert.equal(await failOnce(set, reconciler), 15);
    });
  });
});
