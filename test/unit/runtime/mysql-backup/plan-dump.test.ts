import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type Agreement, type DumpPlan, planDump } from "../../../../runtime/mysql-backup/plan-dump";
import type { Row } from "../../../../runtime/mysql-backup/server";

describe("The plan of a dump", () => {
  let work: string;
  let said: string[];
  const folder = (): string => path.join(work, ".unfinished-pod");
  const written = (name: string): string => fs.readFileSync(path.join(work, "plan", name), "utf8");
  const plan = (): DumpPlan => JSON.parse(fs.readFileSync(path.join(work, "plan.json"), "utf8")) as DumpPlan;

  /** Servers by name: what SHOW REPLICA STATUS answers; undefined if a server is unreachable. */
  const run = (
    servers: Readonly<Record<string, readonly Row[] | undefined>>,
    agreement: Agreement = "lock",
    databases = ["nacos"],
  ): Promise<void> =>
    planDump({
      work,
      folder: folder(),
      servers: Object.keys(servers),
      maxLagSeconds: 60,
      agreement,
      now: new Date("2026-11-21T12:00:00.123Z"),
      ask: (server, questions) => {
        const rows = servers[server];
        if (rows === undefined) return Promise.reject(new AggregateError([new Error("connect ECONNREFUSED")]));
        return questions((statement) =>
          Promise.resolve(
            statement.includes("super_read_only")
              ? [{ readOnly: rows.length > 0 ? 1 : 0 }]
              : statement === "SHOW REPLICA STATUS"
                ? rows
                : databases.map((name) => ({ name })),
          ),
        );
      },
      say: (line) => void said.push(line),
    });
  const replica = [{ Replica_IO_Running: "Yes", Replica_SQL_Running: "Yes", Seconds_Behind_Source: 0 }];

  beforeEach(() => {
    work = fs.mkdtempSync(path.join(os.tmpdir(), "plan-dump-"));
    said = [];
  });
  afterEach(() => fs.rmSync(work, { recursive: true }));

  it("names the server, its role and an empty folder", async () => {
    fs.mkdirSync(folder());
    fs.writeFileSync(path.join(folder(), "dump.sql.zst"), "of an earlier attempt");
    await run({ "a:3306": [], "b:3306": replica, "c:3306": undefined });
    assert.deepEqual(plan(), {
      server: "b:3306",
      role: "replica",
      agreement: "lock",
      folder: folder(),
      startedAt: "2026-11-21T12:00:00Z",
    });
    assert.deepEqual(["server", "role", "folder", "agreement", "attempts"].map(written), [
      "b:3306",
      "replica",
      folder(),
      "lock",
      "12",
    ]);
    assert.deepEqual(fs.readdirSync(folder()), []);
    assert.deepEqual(said, ["c:3306 does not answer: connect ECONNREFUSED"]);
  });

  it("lets mysqldump write its transactions if a lock makes the snapshots agree", async () => {
    await run({ "a:3306": [] });
    assert.match(written("mysqldump-options"), /^--single-transaction\n--source-data=2\n--set-gtid-purged=COMMENTED\n/);
    assert.match(written("lock.sql"), /lock_wait_timeout = 5;\n.*\nFLUSH TABLES WITH READ LOCK;\nSTART TRANSACTION/);
    await run({ "a:3306": [] }, "quiet");
    assert.match(written("mysqldump-options"), /^--single-transaction\n--set-gtid-purged=OFF\n/);
    assert.equal(written("attempts"), "100");
  });

  it("lists and counts the same databases, without the rehearsal of a restore", async () => {
    await run({ "a:3306": [] });
    const excluded =
      "SCHEMA_NAME NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys', 'platform_rehearsal')";
    assert.equal(written("databases.sql").split(excluded).length, 3);
    assert.match(written("databases.sql"), /^SET @databases = /);
    assert.match(written("counts.sql"), /JSON_CONTAINS\(@databases, JSON_QUOTE\(TABLE_SCHEMA\)\)/);
  });

  it("is refused if no server is fit, or a database's name is, and leaves nothing", async () => {
    await assert.rejects(
      run({ "a:3306": undefined, "b:3306": [{ ...replica[0], Replica_SQL_Running: "No" }] }),
      /^Error: no server is fit for a backup \(asked: a:3306 b:3306\)$/,
    );
    assert.equal(said.length, 2);
    await assert.rejects(run({ "a:3306": [] }, "lock", []), /a:3306 has no database to back up/);
    await assert.rejects(run({ "a:3306": [] }, "lock", ["a b"]), /other characters than letters.*: a b$/);
    assert.deepEqual(fs.readdirSync(work), []);
  });
});
