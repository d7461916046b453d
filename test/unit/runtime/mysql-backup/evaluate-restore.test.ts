import assert from "node:assert/strict";
import { GtidSet } from "../../../../runtime/gtid-set";
import { evaluateRestore, faultsText, type RestoreRequest } from "../../../../runtime/mysql-backup/evaluate-restore";
import { askPrimary, endEarlierRestore, lossText, type Primary, usersOf } from "../../../../runtime/mysql-backup/loss";

const A = "aaaaaaaa-0000-0000-0000-000000000001";
const B = "bbbbbbbb-0000-0000-0000-000000000002";
const primary: Primary = {
  executed: GtidSet.parse(`${A}:1-15`),
  isReadOnly: false,
  databases: ["nacos", "ledger", "other"],
  sessions: [
    { user: "nacos", database: "nacos" },
    { user: "nacos", database: "nacos" },
    { user: "app", database: "ledger" },
    { user: "app", database: "other" },
    { user: "restore" },
  ],
  packetBytes: 2 ** 26,
};
const databases = ["ledger", "nacos"].map((name) => ({ name, characterSet: "utf8mb4", collation: "utf8mb4_bin" }));
const idle = { ...primary, sessions: [{ user: "app", database: "other" }] };
const request: RestoreRequest = {
  mode: "in-place",
  suffix: "",
  endpoint: "mysql:3306",
  summary: "restores the state of backup B",
  restored: GtidSet.parse(`${A}:1-12,${B}:1-2`),
  databases,
  brokenViews: [],
  primary: idle,
};
const evaluate = (more: Partial<RestoreRequest>) => evaluateRestore({ ...request, ...more });

describe("What a restore loses", () => {
  it("is what the primary has and the restore lacks, and vice versa", () => {
    assert.deepEqual(lossText(primary, request.restored, ["nacos", "ledger"]), [
      `lost in place: 3 transactions that the primary has and the restore lacks (${A}:13-15)`,
      `brought back: 2 transactions that the primary lacks (${B}:1-2)`,
      "left as they are, because the backup does not have them: other",
    ]);
  });

  it("is nothing if both are the same", () => {
    assert.deepEqual(lossText(primary, primary.executed, primary.databases), [
      "lost in place: 0 transactions that the primary has and the restore lacks",
    ]);
  });

  it("is found by statements that change nothing", async () => {
    const asked: string[] = [];
    const found = await askPrimary((statement) => {
      asked.push(statement);
      const rows =
        asked.length === 1
          ? [{ transactions: `${A}:1-2,\n${B}:1` }]
          : asked.length === 2
            ? [{ readOnly: 1 }]
            : asked.length === 3
              ? [{ bytes: 64 }]
              : asked.length === 4
                ? [{ name: "nacos" }]
                : [
                    { User: "nacos", db: "nacos" },
                    { User: "event_scheduler", db: null },
                  ];
      return Promise.resolve(rows);
    });
    assert.ok(asked.every((statement) => /^(SELECT|SHOW) /.test(statement)));
    assert.deepEqual(
      { ...found, executed: found.executed.toString() },
      {
        executed: `${A}:1-2,${B}:1`,
        isReadOnly: true,
        packetBytes: 64,
        databases: ["nacos"],
        sessions: [
          { user: "nacos", database: "nacos" },
          { user: "event_scheduler", database: undefined },
        ],
      },
    );
  });
});

describe("What an earlier restore has left on the primary", () => {
  it("are sessions of its account, which are ended before their databases count as in use", async () => {
    const sessions = [
      { Id: 1, User: "restore", db: null },
      { Id: 2, User: "app", db: "ledger" },
      { Id: 3, User: "restore", db: "ledger" },
    ];
    const killed: string[] = [];
    let paused = 0;
    await endEarlierRestore(
      (statement) => {
        if (statement.includes("CONNECTION_ID()")) return Promise.resolve([{ id: 1, user: "restore" }]);
        if (statement === "SHOW PROCESSLIST") return Promise.resolve(paused < 2 ? sessions : sessions.slice(0, 2));
        killed.push(statement);
        return Promise.reject(new Error("Unknown thread id: 3"));
      },
      () => Promise.resolve(void paused++),
    );
    assert.deepEqual([killed, paused], [["KILL 3", "KILL 3"], 2]);
  });
});

describe("The users of databases", () => {
  it("are named once, in order, and only if they use one that is replaced", () => {
    assert.deepEqual(usersOf(primary.sessions, ["nacos", "ledger"]), ["app in ledger", "nacos in nacos"]);
  });
});

describe("The evaluation of a restore", () => {
  it("reports what it brings back and what it loses", () => {
    assert.deepEqual(evaluate({ mode: "plan", primary }), {
      report: [
        "restores the state of backup B",
        "databases: ledger, nacos",
        ...lossText(primary, request.restored, ["ledger", "nacos"]),
      ],
    });
  });

  it("names the views that it cannot restore", () => {
    const brokenViews = ["totals", "more"].map((view) => ({ database: "ledger", view, definition: "select 1" }));
    assert.equal(evaluate({ brokenViews }).report[2], "left out: 2 broken views (ledger.totals, ledger.more)");
  });

  it("reports without the primary if that does not answer, but restores nothing", () => {
    const gone = { unreachable: "connect ECONNREFUSED" };
    assert.deepEqual(evaluate({ mode: "plan", primary: gone }), {
      report: [
        "restores the state of backup B",
        "databases: ledger, nacos",
        "lost: not known, as the primary mysql:3306 does not answer",
      ],
    });
    for (const mode of ["fresh", "in-place"])
      assert.equal(
        evaluate({ mode, suffix: "_x", primary: gone }).failure,
        "nothing was restored: the primary mysql:3306 does not answer: connect ECONNREFUSED",
      );
  });

  it("allows what is asked for", () => {
    assert.deepEqual([evaluate({}).mode, evaluate({}).failure], ["in-place", undefined]);
    assert.equal(evaluate({ mode: "fresh", suffix: "_x", primary }).mode, "fresh"); // beside databases in use
  });

  it("refuses a server that is read-only, databases in use, and what makes no sense", () => {
    for (const [more, reason] of [
      [
        { primary: { ...idle, isReadOnly: true } },
        "mysql:3306 is read-only: it is not the primary, or was not promoted",
      ],
      [{ primary }, "the databases are in use, stop these clients first: app in ledger, nacos in nacos"],
      [{ mode: "fresh" }, "a fresh restore needs a suffix for the databases' names"],
      [{ mode: "other" }, "there is no mode other"],
    ] as const) {
      const { failure, mode, report } = evaluate(more);
      assert.deepEqual([failure, mode, report.length], [`nothing was restored: ${reason}`, undefined, 5], reason);
    }
  });

  it("names the faults of the backup", () => {
    assert.equal(faultsText(["one", "two"]), "nothing was restored, because of:\n- one\n- two");
  });
});
