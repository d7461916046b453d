import assert from "node:assert/strict";
import { type Findings, judge } from "../../../../runtime/mysql-backup/judge";
import type { Manifest } from "../../../../runtime/mysql-backup/manifest";
import type { Plan } from "../../../../runtime/mysql-backup/prepare";
import { restoreText, statusText } from "../../../../runtime/mysql-backup/report";

const A = "aaaaaaaa-0000-0000-0000-000000000001";
const manifest: Manifest = {
  format: 1,
  name: "20261121T120000Z",
  server: { host: "mysql-1", uuid: A, version: "9.7.4-2", role: "replica" },
  startedAt: "",
  finishedAt: "",
  gtidExecuted: `${A}:1-10`,
  databases: ["nacos"],
  tables: [
    { database: "nacos", table: "users", rows: 1 },
    { database: "nacos", table: "roles", rows: 2 },
  ],
  dump: { bytes: 1, sha256: "" },
};
const plan: Plan = {
  name: manifest.name,
  ageSeconds: 60,
  from: `${A}:1-10`,
  target: `${A}:1-15`,
  transactions: 5,
  excluded: "",
  files: ["f"],
  latest: "2026-11-21T12:30:00.000000Z",
  exact: false,
};
const good: Findings = {
  version: "9.7.4-2",
  gtids: `${A}:1-10`,
  gtidsAfter: `${A}:1-15`,
  counts: '{"rows": 1, "table": "users", "database": "nacos"}\n{"rows": 2, "table": "roles", "database": "nacos"}',
  checks: "nacos.users\tcheck\tstatus\tOK\nnacos.roles\tcheck\tstatus\tOK",
  nacosTables: "3",
  administrators: "1",
};
const faults = (more: Partial<Findings>, planned: Partial<Plan> = {}): string[] =>
  judge(manifest, { ...plan, ...planned }, { ...good, ...more });

describe("The evaluation of a restored backup", () => {
  it("passes what matches the manifest", () => assert.deepEqual(faults({}), []));

  it("compares each table's rows", () => {
    assert.deepEqual(
      faults({
        counts: '{"rows": 3, "table": "users", "database": "nacos"}\n{"rows": 1, "table": "more", "database": "nacos"}',
      }),
      [
        "the table nacos.users has 3 rows after the restore; it had 1 when the backup was made",
        "the table nacos.roles is missing after the restore",
        "the table nacos.more was restored, but is not in the manifest",
      ],
    );
  });

  it("passes on what CHECK TABLE finds, and no notes", () => {
    assert.deepEqual(
      faults({
        checks:
          "nacos.users\tcheck\terror\tCorrupt\nnacos.roles\tcheck\tnote\tThe storage engine for the table doesn't support check",
      }),
      ["CHECK TABLE nacos.users: Corrupt"],
    );
  });

  it("compares the transactions, before and after the binary logs", () => {
    assert.deepEqual(faults({ gtids: `${A}:1-9` }), [
      `after loading the dump the server holds the transactions "${A}:1-9" instead of "${A}:1-10"`,
    ]);
    assert.deepEqual(faults({ gtidsAfter: `${A}:1-14` }), [
      `after applying the binary logs the server holds the transactions "${A}:1-14" instead of "${A}:1-15"`,
    ]);
    assert.deepEqual(faults({ gtidsAfter: `${A}:1-15:20` }, { excluded: `${A}:20` }), []);
  });

  it("looks for Nacos and its administrator", () => {
    assert.deepEqual(faults({ nacosTables: "2" }), [
      "the database nacos lacks tables of Nacos (config_info, users, roles)",
    ]);
    assert.deepEqual(faults({ administrators: "0" }), ["no administrator of Nacos is in the restored database"]);
    assert.deepEqual(faults({ administrators: undefined }), ["no administrator of Nacos is in the restored database"]);
  });

  it("refuses an older server, and passes a newer one", () => {
    assert.deepEqual(faults({ version: "9.6.0" }), [
      "the backup was made by MySQL 9.7.4-2, and is verified with 9.6.0, which is older",
    ]);
    assert.deepEqual(faults({ version: "10.0.1" }), []);
  });

  it("does not pass a restore that did not finish", () => {
    assert.deepEqual(faults({ gtidsAfter: undefined }), [
      "the restore did not finish; the log of container prove shows why",
    ]);
  });
});

describe("Its result as text", () => {
  it("is one line when it restores, and one a fault when not", () => {
    const status = {
      state: "proven",
      at: "",
      backup: "B",
      faults: [],
      tables: 2,
      rows: 3,
      registry: "a registry of 1 service",
      loadSeconds: 4,
      transactions: 5,
      latest: "T",
    } as const;
    assert.equal(
      statusText(status),
      "backup B restores: 2 tables, 3 rows, loaded in 4 s, with 5 transactions of binary logs up to T; it has a registry of 1 service",
    );
    assert.equal(
      statusText({ ...status, state: "failed", faults: ["one", "two"] }),
      "verification failed: 2 faults\n- one\n- two",
    );
  });

  it("tells an operator what a restore leads to, and how sure that is", () => {
    assert.equal(
      restoreText(plan),
      "restores backup 20261121T120000Z and 5 transactions after it, the last of 2026-11-21T12:30:00.000000Z",
    );
    assert.equal(
      restoreText({ ...plan, latest: undefined, until: "U", exact: true }),
      "restores the state of backup 20261121T120000Z",
    );
    assert.match(restoreText({ ...plan, until: "U" }), /\nnot certain: no copied transaction is later than U; /);
    assert.match(
      restoreText({ ...plan, excluded: `${A}:20` }),
      /\nnot applied, because the next primary never had them: .*:20$/,
    );
  });
});
