import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../contract/error-codes";
import { switchover } from "../../../../runtime/mysql-controller/switchover";
import { useClock } from "../../../support/clock";
import { answersLate, following, gtids, madeReadOnly, serverSet, type FakeSet } from "../../../support/fake-mysql";
import { refused } from "../../../support/refusal";

describe("a switchover", () => {
  const clock = useClock();
  const lag = (secondsBehind: number | undefined) => following("mysql-0", { secondsBehind });

  it("demotes the primary, waits for the replica, declares it, makes it writable, and the others replicate from it", async () => {
    const set = serverSet(3);
    const [old, next, other] = set.servers;
    old.clients = [7];
    old.before = (statement) => void (statement.includes("super_read_only") && (old.executed = gtids("a:1-6")));
    await switchover(set.topology, "mysql-1");
    assert.deepEqual(set.journal.slice(0, 10), [
      ...madeReadOnly("mysql-0"),
      "mysql-0: look for clients",
      "mysql-0: kill 7",
      "mysql-0: closed",
      "mysql-0: look for clients",
      "mysql-1: wait for a:1-6",
      "declared: mysql-1",
    ]);
    assert.deepEqual(
      set.journal.slice(10).filter((line) => line.startsWith("mysql-1")),
      [
        "STOP REPLICA",
        "RESET REPLICA ALL",
        "rpl_semi_sync_source_wait_for_replica_count = 1",
        "rpl_semi_sync_source_enabled = ON",
        "read_only = OFF",
      ].map((line) => `mysql-1: ${line}`),
    );
    assert.deepEqual([old.writable, next.writable, other.writable], [false, true, false]);
    assert.deepEqual(
      [old, other].map(({ replica }) => [replica?.source, replica?.connected]),
      Array(2).fill(["mysql-1.example", true]),
    );
    assert.deepEqual(set.logged, ["mysql-0 becomes read-only, mysql-1 becomes the primary"]);
  });

  it("reports how long nobody could write, without the time in which stray clients are disconnected", async () => {
    const set = serverSet(2);
    set.servers[1].before = (statement) => (statement.includes("WAIT_FOR") ? clock.pass(120) : undefined);
    assert.deepEqual(await switchover(set.topology), { from: "mysql-0", to: "mysql-1", pauseMs: 120 });
    assert.ok(clock.elapsed >= 4000);
  });

  it("ends when the others replicate; writers do not wait for that", async () => {
    const set = serverSet(3);
    set.servers[2].before = (statement) =>
      statement.startsWith("CHANGE") ? new Promise((resolve) => setTimeout(resolve, 9000)) : undefined;
    assert.equal((await switchover(set.topology, "mysql-1")).pauseMs, 0);
    assert.deepEqual([set.servers[2].replica?.connected, set.servers[2].replica?.source], [true, "mysql-1.example"]);
    assert.equal(clock.elapsed, 13_000);
  });

  it("disconnects clients that still reach the old primary, for four seconds", async () => {
    const set = serverSet(2);
    await switchover(set.topology);
    const following = set.journal.lastIndexOf("mysql-0: START REPLICA");
    assert.deepEqual(
      set.journal.slice(following + 1).filter((line) => line.startsWith("mysql-0")),
      Array(16).fill("mysql-0: look for clients"),
    );
    assert.equal(clock.elapsed, 4000);
  });

  it("chooses the replica that is least behind, or the requested one", async () => {
    const set = () => {
      const made = serverSet(4);
      for (const [ordinal, secondsBehind] of [
        [1, 3],
        [2, 1],
        [3, 2],
      ])
        made.servers[ordinal].replica = lag(secondsBehind);
      return made.topology;
    };
    assert.equal((await switchover(set())).to, "mysql-2");
    assert.equal((await switchover(set(), "mysql-1")).to, "mysql-1");
  });

  it("does not make a server replicate that does not do so: it may have errant transactions, or be cloned", async () => {
    const set = serverSet(3);
    set.servers[2].replica = undefined;
    await switchover(set.topology, "mysql-1");
    assert.deepEqual([set.servers[2].statements, set.servers[2].replica], [[], undefined]);
  });

  it("is done although one of the others does not replicate", async () => {
    const set = serverSet(3);
    set.servers[2].before = (statement) =>
      statement.startsWith("CHANGE") ? Promise.reject(new Error("disk full")) : undefined;
    assert.equal((await switchover(set.topology, "mysql-1")).to, "mysql-1");
    assert.equal(set.declared.primary, "mysql-1");
  });

  describe("is refused, and nothing is touched,", () => {
    const cases: [string, number, (set: FakeSet) => unknown, string | undefined, ErrorCode, string][] = [
      [
        "if the primary is dead",
        3,
        ({ servers }) => (servers[0].up = false),
        undefined,
        "MYSQL_PRIMARY_UNREACHABLE",
        "mysql-0",
      ],
      [
        "if the primary is read-only",
        3,
        ({ servers }) => (servers[0].writable = false),
        undefined,
        "MYSQL_PRIMARY_READ_ONLY",
        "mysql-0",
      ],
      ["to the primary itself", 3, () => undefined, "mysql-0", "MYSQL_SWITCHOVER_TO_PRIMARY", "mysql-0"],
      [
        "to a server that is none",
        3,
        () => undefined,
        "mysql-9",
        "USAGE_VALUE_INVALID",
        "mysql-9; there are mysql-1, mysql-2",
      ],
      ["to a replica if there is none", 1, () => undefined, "mysql-1", "USAGE_VALUE_INVALID", "mysql-1; there is none"],
      [
        "if there is no replica",
        1,
        () => undefined,
        undefined,
        "MYSQL_REPLICA_BEHIND",
        "no replica replicates from mysql-0",
      ],
      [
        "if all are too far behind",
        3,
        ({ servers }) => servers.slice(1).forEach((server) => (server.replica = lag(6))),
        undefined,
        "MYSQL_REPLICA_BEHIND",
        "no replica replicates from mysql-0",
      ],
      [
        "to a replica that is too far behind",
        3,
        ({ servers }) => (servers[1].replica = lag(6)),
        "mysql-1",
        "MYSQL_REPLICA_BEHIND",
        "mysql-1 does not replicate from mysql-0",
      ],
      [
        "to a replica with an unknown lag",
        3,
        ({ servers }) => (servers[1].replica = lag(undefined)),
        "mysql-1",
        "MYSQL_REPLICA_BEHIND",
        "mysql-1 does not replicate from mysql-0",
      ],
      [
        "to a replica that is not connected",
        3,
        ({ servers }) => (servers[1].replica = following("mysql-0", { connected: false })),
        "mysql-1",
        "MYSQL_REPLICA_BEHIND",
        "mysql-1 does not replicate from mysql-0",
      ],
      [
        "to a replica that does not apply",
        3,
        ({ servers }) => (servers[1].replica = following("mysql-0", { applying: false })),
        "mysql-1",
        "MYSQL_REPLICA_BEHIND",
        "mysql-1 does not replicate from mysql-0",
      ],
      [
        "to a replica that replicates from another",
        3,
        ({ servers }) => (servers[1].replica = following("mysql-2")),
        "mysql-1",
        "MYSQL_REPLICA_BEHIND",
        "mysql-1 does not replicate from mysql-0",
      ],
      [
        "if too few replicas are connected to acknowledge",
        5,
        ({ servers }) => servers.slice(2).forEach((server) => (server.up = false)),
        undefined,
        "MYSQL_TOO_FEW_REPLICAS",
        "only 1 replicate(s) from mysql-0: writes would wait on mysql-1",
      ],
    ];
    for (const [where, count, spoil, target, code, parameters] of cases) {
      it(where, async () => {
        const set = serverSet(count);
        spoil(set);
        await assert.rejects(switchover(set.topology, target), refused(code, parameters));
        assert.deepEqual([set.journal, set.declared.primary], [[], "mysql-0"]);
      });
    }

    it("and not if the lag is just small enough", async () => {
      const set = serverSet(2);
      set.servers[1].replica = lag(5);
      assert.equal((await switchover(set.topology)).to, "mysql-1");
    });
  });

  it("is done if its declaration was made, but the answer lost", async () => {
    const set = serverSet(2);
    answersLate(set);
    assert.equal((await switchover(set.topology)).to, "mysql-1");
    assert.deepEqual(
      set.servers.map(({ writable }) => writable),
      [false, true],
    );
  });

  it("leaves the old primary read-only if another is declared, or the declaration cannot be read", async () => {
    for (const [spoil, why] of [
      [
        (set: FakeSet) => Object.assign(set.declared, { primary: "mysql-1", version: "2" }),
        "mysql-1 is declared the primary",
      ],
      [
        (set: FakeSet) => (set.topology.declaration.read = () => Promise.reject(new Error("no answer"))),
        "the declared primary cannot be read",
      ],
    ] as const) {
      const set = serverSet(2);
      set.servers[1].late = true;
      set.servers[1].before = () => void spoil(set);
      await assert.rejects(switchover(set.topology));
      assert.deepEqual(
        set.servers.map(({ writable }) => writable),
        [false, false],
      );
      assert.equal(
        set.logged.at(-1),
        `mysql-0 stays read-only: ${why}; the controller restores the declared state, after \`resume\` if it is paused`,
      );
    }
  });

  describe("makes the old primary writable again", () => {
    function unchanged({ servers, declared, journal, logged }: FakeSet): void {
      assert.deepEqual([servers[0].writable, servers[1].writable, declared.primary], [true, false, "mysql-0"]);
      assert.equal(journal.at(-1), "mysql-0: read_only = OFF");
      assert.equal(logged.at(-1), "mysql-0 is writable again");
    }

    it("if the new one does not catch up in time", async () => {
      const set = serverSet(2);
      set.servers[1].late = true;
      await assert.rejects(switchover(set.topology), refused("MYSQL_REPLICA_BEHIND", "mysql-1", "5 s"));
      unchanged(set);
    });

    it("if the new one dies while it catches up", async () => {
      const set = serverSet(2);
      set.servers[1].before = () => Promise.reject(new Error("connection lost"));
      await assert.rejects(switchover(set.topology), /connection lost/);
      unchanged(set);
    });

    it("if another process has declared another primary", async () => {
      const set = serverSet(2);
      set.conflict = new Error("somebody else has decided");
      await assert.rejects(switchover(set.topology), set.conflict);
      unchanged(set);
    });

    it("if its clients' commits do not end", async () => {
      const set = serverSet(2);
      set.servers[0].before = (statement) =>
        statement.includes("super_read_only") ? Promise.reject(new Error("timeout")) : undefined;
      await assert.rejects(switchover(set.topology), /timeout/);
      unchanged(set);
    });
  });
});
