import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseManifest } from "../../../../runtime/mysql-backup/manifest";
import type { DumpPlan } from "../../../../runtime/mysql-backup/plan-dump";
import { addRegistry, noteRegistry, readRegistry } from "../../../../runtime/mysql-backup/registry-file";
import {
  type DumpResults,
  dumpedTransactions,
  manifestOf,
  seal,
  sealedText,
  warningsOf,
} from "../../../../runtime/mysql-backup/seal";
import { BackupVolume } from "../../../../runtime/mysql-backup/volume";

const A = "aaaaaaaa-0000-0000-0000-000000000001";
const B = "bbbbbbbb-0000-0000-0000-000000000002";
const NAME = "20261121T120000Z";
const header = (transactions: string): string =>
  `-- MySQL dump 10.13\nSET @@SESSION.SQL_LOG_BIN= 0;\n\n--\n-- GTID state at the beginning of the backup\n--\n\n/* SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '${transactions}';*/\n\n-- CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='b', SOURCE_LOG_POS=4;`;
const results: DumpResults = {
  position: `${A}:1-10,${B}:1-3\n${NAME}\n${A}\n9.7.4-2\n`,
  databases: ["nacos"],
  brokenViews: [],
  counts: '{"rows": 1, "table": "users", "database": "nacos"}\n{"rows": 2, "table": "a \\"b\\"", "database": "nacos"}',
  header: header(`${A}:1-10,\n${B}:1-3`),
  end: "-- Dump completed on 2026-11-21 12:00:01",
};
const plan: DumpPlan = {
  server: "mysql-1.mysql-headless:3306",
  role: "replica",
  agreement: "lock",
  folder: "",
  startedAt: "2026-11-21T11:59:59Z",
};
const fingerprint = { bytes: 6, sha256: createHash("sha256").update("a dump").digest("hex") };
const manifest = (more: Partial<DumpResults> = {}, planned: Partial<DumpPlan> = {}) =>
  manifestOf({ ...plan, ...planned }, { ...results, ...more }, fingerprint, new Date("2026-11-21T12:00:02.5Z"));

describe("The manifest of a backup", () => {
  it("describes the snapshot", () => {
    assert.deepEqual(manifest(), {
      format: 1,
      name: NAME,
      server: { host: "mysql-1.mysql-headless", uuid: A, version: "9.7.4-2", role: "replica" },
      startedAt: "2026-11-21T11:59:59Z",
      finishedAt: "2026-11-21T12:00:02Z",
      gtidExecuted: `${A}:1-10,${B}:1-3`,
      databases: ["nacos"],
      tables: [
        { rows: 1, table: "users", database: "nacos" },
        { rows: 2, table: 'a "b"', database: "nacos" },
      ],
      dump: fingerprint,
    });
  });

  it("is summed up with the registry, and warns if there is none", () => {
    const complete = `${NAME} is complete: 2 tables, 6 bytes, from mysql-1.mysql-headless:3306`;
    const registry = { ...fingerprint, services: 1, persistentInstances: 2, switchedOff: 1, weighted: 0 };
    assert.equal(
      sealedText({ ...manifest(), registry }, plan.server),
      `${complete}, with a registry of 1 service, 2 persistent instances, 1 switched off, 0 with a weight`,
    );
    assert.equal(
      sealedText({ ...manifest(), registry: { missing: "no answer" } }, plan.server),
      `${complete}\nwarning: the backup has no registry of Nacos: no answer`,
    );
  });

  it("has the definitions of views that the dump lacks, and warns", () => {
    const view = { database: "nacos", view: "v", definition: "select `a`" };
    const broken = manifest({ brokenViews: [JSON.stringify(view)] });
    assert.deepEqual(broken.brokenViews, [view]);
    assert.deepEqual(warningsOf({ ...broken, registry: { missing: "no answer" } }, ["it cannot be listed"]), [
      "warning: the dump lacks 1 broken view (nacos.v); the manifest has the definitions",
      "warning: the backup has no registry of Nacos: no answer",
      "warning: no earlier backup was copied off-site and none was removed there: it cannot be listed",
    ]);
  });

  it("is refused if the dump does not end as it should", () => {
    assert.throws(() => manifest({ end: "INSERT INTO" }), /^Error: the dump does not end with its last line$/);
    assert.throws(() => manifest({ end: "" }), /does not end/);
  });

  it("is refused if the dump holds other transactions than the counts", () => {
    assert.throws(
      () => manifest({ header: header(`${A}:1-11,\n${B}:1-3`) }),
      new RegExp(
        `the dump holds the transactions ${A}:1-11,${B}:1-3, the row counts were taken at ${A}:1-10,${B}:1-3$`,
      ),
    );
    assert.throws(() => manifest({ header: "" }), /the dump holds the transactions , the row counts/);
    assert.doesNotThrow(() => manifest({ header: header(`${B}:1-3,\n${A}:1-5:6-10`) }));
  });

  it("does not compare them without a lock: mysqldump does not write them then", () => {
    assert.equal(manifest({ header: "" }, { agreement: "quiet" }).gtidExecuted, `${A}:1-10,${B}:1-3`);
  });

  it("is that of a server without transactions, too", () => {
    assert.equal(manifest({ position: `\n${NAME}\n${A}\n9.7.4-2\n`, header: header("") }).gtidExecuted, "");
  });

  it("is refused for a database that was created since the plan and whose name is refused", () => {
    assert.throws(() => manifest({ databases: ["nacos", "a b"] }), /other characters than letters/);
  });
});

describe("The transactions in the header of a dump", () => {
  it("are read from one line or several, with a comment or without", () => {
    assert.equal(dumpedTransactions(results.header), `${A}:1-10,${B}:1-3`);
    assert.equal(dumpedTransactions(`SET @@GLOBAL.GTID_PURGED='${A}:1-10';`), `${A}:1-10`);
    assert.equal(dumpedTransactions("-- nothing"), "");
  });
});

describe("The end of a backup", () => {
  let root: string;
  let work: string;
  let unfinished: string;
  const run = () => seal(work, new BackupVolume(root), () => new Date("2026-11-21T12:00:02Z"));
  const write = (more: Partial<DumpResults> = {}): void => {
    for (const [name, value] of Object.entries({ ...results, ...more }))
      fs.writeFileSync(
        path.join(work, "results", name),
        typeof value === "string" ? value : (value as string[]).join("\n"),
      );
  };

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "seal-"));
    work = path.join(root, ".work");
    unfinished = path.join(root, ".unfinished-pod");
    fs.mkdirSync(path.join(work, "results"), { recursive: true });
    fs.mkdirSync(unfinished);
    fs.writeFileSync(path.join(unfinished, "dump.sql.zst"), "a dump");
    fs.writeFileSync(path.join(work, "plan.json"), JSON.stringify({ ...plan, folder: unfinished }));
    write();
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  it("gives the folder its name when it is complete", async () => {
    const sealed = await run();
    assert.deepEqual(fs.readdirSync(root).sort(), [".work", NAME]);
    assert.deepEqual(fs.readdirSync(path.join(root, NAME)).sort(), ["dump.sql.zst", "manifest.json"]);
    const text = fs.readFileSync(path.join(root, NAME, "manifest.json"), "utf8");
    assert.deepEqual(parseManifest(text), sealed);
    assert.deepEqual(sealed.dump, fingerprint);
  });

  it("has the registry if there is one, and says what is missing if not", async () => {
    const registry = { format: 1 as const, services: [] };
    await addRegistry(work, unfinished, registry);
    const sealed = await run();
    assert.deepEqual(fs.readdirSync(path.join(root, NAME)).sort(), [
      "dump.sql.zst",
      "manifest.json",
      "registry.json.gz",
    ]);
    assert.deepEqual(await readRegistry(path.join(root, NAME), sealed), registry);
  });

  it("is complete without a registry, and its manifest says why", async () => {
    assert.deepEqual((await run()).registry, { missing: "it was not exported" });
    fs.rmSync(path.join(root, NAME), { recursive: true });
    fs.mkdirSync(unfinished);
    fs.writeFileSync(path.join(unfinished, "dump.sql.zst"), "a dump");
    noteRegistry(work, { missing: "Nacos does not answer" });
    assert.deepEqual((await run()).registry, { missing: "Nacos does not answer" });
  });

  it("gives no name to what no later step could read", async () => {
    write({ position: `${A}:1-10,${B}:1-3\nno name\n${A}\n9.7.4-2\n` });
    await assert.rejects(run(), /its name is no name/);
    assert.deepEqual(fs.readdirSync(root).sort(), [".unfinished-pod", ".work"]);
  });

  it("replaces no backup", async () => {
    fs.mkdirSync(path.join(root, NAME));
    await assert.rejects(run(), new RegExp(`there is a backup ${NAME} already`));
    assert.deepEqual(fs.readdirSync(path.join(root, NAME)), []);
  });
});
