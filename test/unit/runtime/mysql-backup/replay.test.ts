import assert from "node:assert/strict";
import type { BinlogContent } from "../../../../runtime/mysql-backup/binlog";
import { GtidSet } from "../../../../runtime/gtid-set";
import { planReplay, type Replay } from "../../../../runtime/mysql-backup/replay";

const A = "aaaaaaaa-0000-0000-0000-000000000001";
const B = "bbbbbbbb-0000-0000-0000-000000000002";
const C = "cccccccc-0000-0000-0000-000000000003";
const set = (text: string): GtidSet => GtidSet.parse(text.replaceAll("A", A).replaceAll("B", B).replaceAll("C", C));

interface Log {
  readonly file: string;
  readonly previous: string;
  readonly content: string;
  /** Time of the last transaction; each is one unit after the one before. */
  readonly ends: number;
}

/** Files as the reader returns them, for transactions of one server each. */
function read(logs: readonly Log[], until = Infinity): BinlogContent[] {
  return logs.map(({ file, previous, content, ends }) => {
    const all = [...set(content).ranges()].flatMap(({ source, first, last }) =>
      Array.from({ length: last - first + 1 }, (_, i) => ({ source, number: first + i })),
    );
    const timed = all.map((gtid, i) => ({ gtid, committedMicros: ends - (all.length - 1 - i) }));
    const early = timed.filter((t) => t.committedMicros <= until);
    const runs = timed.map(({ gtid: { source, number }, committedMicros }) => ({
      source,
      first: number,
      last: number,
      late: committedMicros > until,
    }));
    return {
      file,
      previous: set(previous),
      content: set(content),
      runs,
      latestMicros: early.at(-1)?.committedMicros,
    };
  });
}

const plan = (from: string, logs: readonly Log[], until?: number): Replay =>
  planReplay({ from: set(from), files: read(logs, until) });

describe("The plan of a replay", () => {
  const one: readonly Log[] = [
    { file: "a/1", previous: "", content: "A:1-10", ends: 110 },
    { file: "a/2", previous: "A:1-10", content: "A:11-20", ends: 120 },
    { file: "a/3", previous: "A:1-20", content: "A:21-30", ends: 130 },
  ];

  it("takes the files that continue from the dump, in order, to their end", () => {
    const { files, target, transactions, missing, latestMicros, exact, stopBefore } = plan("A:1-15", one);
    assert.deepEqual(files, ["a/2", "a/3"]);
    assert.equal(target.toString(), `${A}:1-30`);
    assert.deepEqual(
      [transactions, missing.isEmpty, latestMicros, exact, stopBefore],
      [15, true, 130, false, undefined],
    );
  });

  it("stops before the first later transaction", () => {
    const { files, target, transactions, stopBefore, exact, latestMicros } = plan("A:1-15", one, 124);
    assert.deepEqual(files, ["a/2", "a/3"]);
    assert.equal(stopBefore, `${A}:25`);
    assert.deepEqual([target.toString(), transactions, exact, latestMicros], [`${A}:1-24`, 9, true, 124]);
  });

  it("applies nothing when the dump is what was asked for", () => {
    const { files, target, stopBefore, exact, missing } = plan("A:1-20", one, 120);
    assert.deepEqual(
      [files, target.toString(), stopBefore, exact, missing.isEmpty],
      [[], `${A}:1-20`, undefined, true, true],
    );
  });

  it("finds nothing to apply if there are no files, or none since the dump", () => {
    for (const { files, missing, exact } of [plan("A:1-15", []), plan("A:1-30", one)]) {
      assert.deepEqual([files, missing.isEmpty, exact], [[], true, false]);
    }
  });

  it("names the transactions of a gap, and ends before it", () => {
    const { files, missing, target, latestMicros } = plan("A:1-5", [one[0], one[2]]);
    assert.deepEqual(
      [files, missing.toString(), target.toString(), latestMicros],
      [["a/1"], `${A}:11-20`, `${A}:1-10`, 110],
    );
    assert.equal(plan("A:1-15", [one[2]]).missing.toString(), `${A}:16-20`);
  });

  it("ignores a gap after the point in time, and finds one right before it", () => {
    assert.ok(plan("A:1-5", [one[0], one[2]], 108).missing.isEmpty);
    assert.equal(plan("A:1-5", [one[0], one[2]], 115).missing.toString(), `${A}:11-20`);
  });

  it("fills a gap of one server from another's files, whose boundaries differ", () => {
    const { files, missing, target } = plan("A:1-5", [
      one[0],
      one[2],
      { file: "b/1", previous: "", content: "A:1-13", ends: 113 },
      { file: "b/2", previous: "A:1-13", content: "A:14-22", ends: 122 },
    ]);
    assert.ok(missing.isEmpty);
    assert.equal(target.toString(), `${A}:1-30`);
    assert.ok(files.indexOf("b/1") < files.indexOf("b/2") && files.at(-1) === "a/3", files.join());
  });

  describe("never goes beyond the point in time", () => {
    it("if the dump holds a later transaction: it says which, and applies nothing", () => {
      const { tooLate, files, target, missing } = plan("A:1-15", one, 113);
      assert.deepEqual([tooLate.toString(), files, target.toString()], [`${A}:14-15`, [], `${A}:1-15`]);
      assert.ok(missing.isEmpty);
      assert.ok(plan("A:1-15", one, 115).tooLate.isEmpty);
    });

    it("if a file's first later transaction is not part of the history", () => {
      // b has an errant transaction, and then what a committed: a's own log of that time is lost.
      const logs = read(
        [
          { file: "a/1", previous: "A:1-20", content: "A:21-22", ends: 142 },
          { file: "c/1", previous: "A:1-20", content: "A:21-22", ends: 142 },
        ],
        133,
      );
      const mixed: BinlogContent = {
        file: "b/1",
        previous: set("A:1-4"),
        content: set("A:5-20,B:1"),
        runs: [
          { source: A, first: 5, last: 6, late: false },
          { source: B, first: 1, last: 1, late: true },
          { source: A, first: 7, last: 9, late: false },
          { source: A, first: 10, last: 20, late: true },
        ],
        latestMicros: 120,
      };
      const { target, stopBefore, excluded } = planReplay({ from: set("A:1-4"), files: [mixed, ...logs] });
      assert.deepEqual([target.toString(), stopBefore], [`${A}:1-9`, `${A}:10`]);
      assert.equal(excluded.toString(), `${B}:1`);
    });
  });

  describe("after a failover", () => {
    const servers: readonly Log[] = [
      { file: "a/1", previous: "", content: "A:1-12", ends: 112 }, // 11 and 12 never reached b
      { file: "b/1", previous: "", content: "A:1-10", ends: 110 },
      { file: "b/2", previous: "A:1-10", content: "B:1-5", ends: 125 },
      { file: "c/1", previous: "", content: "A:1-10", ends: 110 },
      { file: "c/2", previous: "A:1-10", content: "B:1-5", ends: 125 },
    ];

    it("uses the history of the next primary, and excludes what it never had", () => {
      const { target, excluded, missing } = plan("A:1-4", servers);
      assert.equal(target.toString(), `${A}:1-10,${B}:1-5`);
      assert.equal(missing.isEmpty, true);
      assert.ok(excluded.isEmpty || excluded.toString() === `${A}:11-12`);
    });

    it("excludes it even if only the failed server's file holds what came before", () => {
      const { files, target, excluded } = plan(
        "A:1-4",
        servers.filter(({ file }) => !file.endsWith("b/1") && !file.endsWith("c/1")),
      );
      assert.deepEqual(files.slice(0, 1), ["a/1"]);
      assert.deepEqual([target.toString(), excluded.toString()], [`${A}:1-10,${B}:1-5`, `${A}:11-12`]);
    });

    it("does so whatever the servers' clocks say, and however often one log was copied", () => {
      // The dead primary's clock was ahead, and it has copied its last transaction since it is back.
      const dead: Log = { file: "a/2", previous: "A:1-100", content: "A:101-110", ends: 2000 };
      const next: readonly Log[] = [
        { file: "b/0", previous: "A:1-100", content: "A:101-109", ends: 1000 },
        { file: "b/1", previous: "A:1-109", content: "B:1-50", ends: 1900 },
      ];
      for (const logs of [
        [dead, ...next],
        [...next, dead],
      ])
        for (const until of [undefined, 5000]) {
          const { target, missing } = plan("A:1-100", logs, until);
          assert.equal(target.toString(), `${A}:1-109,${B}:1-50`);
          assert.ok(missing.isEmpty);
        }
      // A few transactions of the new primary are enough.
      assert.equal(
        plan("A:1-100", [dead, next[0], { ...next[1], content: "B:1" }]).target.toString(),
        `${A}:1-109,${B}:1`,
      );
    });

    it("leaves out what the dead primary had alone, for a point in time before the next one's first transaction too", () => {
      const { target, stopBefore } = plan("A:1-4", servers, 113);
      assert.deepEqual([target.toString(), stopBefore], [`${A}:1-10`, `${B}:1`]);
    });

    it("takes the history that more servers have, where the same servers take over from each other", () => {
      const common = "A:1-10,B:1-5";
      const logs: readonly Log[] = [
        { file: "b/1", previous: common, content: "B:6-9", ends: 300 }, // dead: never on another server
        { file: "a/1", previous: common, content: "A:11-12", ends: 200 },
        { file: "c/1", previous: common, content: "A:11-12", ends: 200 },
      ];
      assert.equal(plan(common, logs).target.toString(), `${A}:1-12,${B}:1-5`);
      assert.equal(plan(common, [...logs].reverse()).target.toString(), `${A}:1-12,${B}:1-5`);
    });

    it("takes the longer history if nothing else tells them apart: a dead server has left little", () => {
      const common = "A:1-10,B:1-5";
      const logs: readonly Log[] = [
        { file: "a/1", previous: common, content: "A:11-12", ends: 300 },
        { file: "b/1", previous: common, content: "B:6-9", ends: 200 },
      ];
      for (const files of [logs, [...logs].reverse()])
        assert.equal(plan(common, files).target.toString(), `${A}:1-10,${B}:1-9`);
    });

    it("leaves out an errant transaction of a replica, which has not copied the latest yet", () => {
      const logs: readonly Log[] = [
        { file: "a/1", previous: "A:1-4", content: "A:5-20", ends: 120 },
        { file: "c/1", previous: "A:1-4,C:1", content: "A:5-15", ends: 115 },
      ];
      const { target } = plan("A:1-4", logs);
      assert.equal(target.toString(), `${A}:1-20`);
    });

    it("does not take a new, empty server for the history of an old dump", () => {
      const { target, files } = plan("A:1-4", [...servers, { file: "n/1", previous: "", content: "C:1-9", ends: 300 }]);
      assert.equal(target.toString(), `${A}:1-10,${B}:1-5`);
      assert.ok(!files.includes("n/1"));
    });
  });
});
