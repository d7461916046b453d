import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type Plan, prepare, type PrepareOptions } from "../../../../runtime/mysql-backup/prepare";
import { addRegistry, exportedRegistry } from "../../../../runtime/mysql-backup/registry-file";
import { conclusionOf, verificationOf } from "../../../../runtime/mysql-backup/report";
import { isoFromMicros, microsFromIso } from "../../../../runtime/mysql-backup/time";
import { writeBinlog } from "./binlog-writer";

const A = "aaaaaaaa-0000-0000-0000-000000000001";
const NAME = "20261121T120000Z";
const now = new Date("2026-11-21T13:00:00Z");
const at = (second: number): number => microsFromIso("2026-11-21T12:30:00Z") + second * 1_000_000;
const transactions = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => ({ source: A, number: first + i, micros: at(first + i) }));

describe("The preparation of a verification", () => {
  let work: string;
  const dump = Buffer.from("a dump");
  const manifest = (more: object = {}): string =>
    JSON.stringify({
      format: 1,
      name: NAME,
      server: { host: "mysql-1", uuid: A, version: "9.7.4", role: "replica" },
      startedAt: "",
      finishedAt: "",
      gtidExecuted: `${A}:1-10`,
      databases: ["nacos"],
      tables: [{ database: "nacos", table: "users", rows: 1 }],
      dump: { bytes: dump.length, sha256: createHash("sha256").update(dump).digest("hex") },
      ...more,
    });
  const log = (server: string, file: string): string => {
    fs.mkdirSync(path.join(work, "binlogs", server), { recursive: true });
    return path.join(work, "binlogs", server, file);
  };
  const run = (more: Partial<PrepareOptions> = {}): Promise<readonly string[]> =>
    prepare({ work, now, proving: true, maxAgeSeconds: 26 * 3600, ...more });
  const plan = (): Plan => JSON.parse(fs.readFileSync(path.join(work, "plan.json"), "utf8")) as Plan;
  const written = (name: string): string => fs.readFileSync(path.join(work, "plan", name), "utf8");

  beforeEach(() => {
    work = fs.mkdtempSync(path.join(os.tmpdir(), "prepare-"));
    fs.mkdirSync(path.join(work, "backup"));
    fs.writeFileSync(path.join(work, "chosen"), `${NAME}\n`);
    fs.writeFileSync(path.join(work, "backup", "manifest.json"), manifest());
    fs.writeFileSync(path.join(work, "backup", "dump.sql.zst"), dump);
  });
  afterEach(() => fs.rmSync(work, { recursive: true }));

  it("leaves a registry that is damaged to the end, which reports it with the faults of the databases", async () => {
    const folder = path.join(work, "backup");
    await addRegistry(work, folder, { format: 1, services: [] });
    fs.writeFileSync(path.join(folder, "manifest.json"), manifest({ registry: exportedRegistry(work) }));
    await run();
    const ofDatabases = conclusionOf(work, now).faults;
    fs.appendFileSync(path.join(folder, "registry.json.gz"), "x");
    assert.deepEqual(await run(), []);
    assert.deepEqual(conclusionOf(work, now).faults, ofDatabases);
    assert.deepEqual((await verificationOf(work, now)).faults, [
      ...ofDatabases,
      `the backup ${NAME} was altered: its registry does not have the size and checksum of its manifest`,
    ]);
    fs.writeFileSync(path.join(folder, "manifest.json"), manifest({ registry: { missing: "no answer" } }));
    assert.deepEqual((await verificationOf(work, now)).faults, ofDatabases);
  });

  it("passes a backup as it was made, and plans no replay without binary logs", async () => {
    assert.deepEqual(await run(), []);
    assert.deepEqual(
      [plan().from, plan().target, written("files"), plan().stopBefore],
      [`${A}:1-10`, `${A}:1-10`, "", undefined],
    );
    assert.deepEqual(
      [written("take-over.sql"), written("exclude.sql")],
      [`SET GLOBAL gtid_purged = '${A}:1-10';\n`, ""],
    );
    assert.equal(plan().ageSeconds, 3600);
  });

  it("says what is wrong with the dump", async () => {
    const file = path.join(work, "backup", "dump.sql.zst");
    fs.writeFileSync(file, dump.subarray(1));
    assert.deepEqual(await run(), [`the backup ${NAME} is truncated: its dump has 5 bytes; it had 6 when it was made`]);
    fs.writeFileSync(file, "A dump");
    assert.deepEqual(await run(), [
      `the backup ${NAME} was altered: its dump does not have the checksum of its manifest`,
    ]);
    fs.rmSync(file);
    assert.deepEqual(await run(), [`the backup ${NAME} is incomplete: it has no dump`]);
  });

  it("refuses a backup that holds what was committed after the point in time, in a restore too", async () => {
    writeBinlog(log(A, "binlog.000001.1"), [], transactions(1, 20));
    for (const proving of [true, false])
      assert.deepEqual(await run({ proving, until: isoFromMicros(at(8)) }), [
        `the backup ${NAME} holds 2 transactions that were committed after ${isoFromMicros(at(8))} (${A}:9-10): restore to 2026-11-21T12:00:00Z or earlier, which uses an older backup`,
      ]);
  });

  it("says what is wrong with the manifest", async () => {
    const fault = async (text: string): Promise<string> => {
      fs.writeFileSync(path.join(work, "backup", "manifest.json"), text);
      return (await run()).join();
    };
    assert.match(await fault(manifest().slice(0, 100)), /the manifest is incomplete: it is not JSON$/);
    assert.match(await fault(manifest({ format: 2 })), /its format is 2, and only 1 is supported$/);
    assert.match(await fault(manifest({ gtidExecuted: "x:1" })), /"x:1" is not a GTID set$/);
    assert.match(await fault(manifest({ tables: [{ database: "nacos" }] })), /its tables are not a list of counts$/);
    assert.match(
      await fault(manifest({ name: "20261120T120000Z" })),
      /was altered: its manifest belongs to 20261120T120000Z$/,
    );
  });

  it("says that the newest backup is too old, and what else is wrong", async () => {
    fs.writeFileSync(path.join(work, "backup", "dump.sql.zst"), "A dump");
    const faults = await run({ maxAgeSeconds: 1800 });
    assert.equal(faults.length, 2);
    assert.equal(faults[1], `the newest backup, ${NAME}, is 60 minutes old, and may be at most 30 minutes old`);
    assert.equal(
      (await run({ now: new Date("2026-11-23T12:00:00Z") }))[1],
      `the newest backup, ${NAME}, is 48 hours old, and may be at most 26 hours old`,
    );
  });

  it("plans the replay up to a point in time", async () => {
    writeBinlog(log("server", "binlog.000002.1"), [[A, 1, 8]], transactions(9, 20));
    assert.deepEqual(await run({ until: isoFromMicros(at(15)) }), []);
    assert.deepEqual([plan().stopBefore, plan().target], [`${A}:16`, `${A}:1-15`]);
    assert.deepEqual(written("files"), `${path.join(work, "binlogs", "server", "binlog.000002.1")}\n`);
    assert.match(written("replay.sql"), new RegExp(`START REPLICA SQL_THREAD UNTIL SQL_BEFORE_GTIDS = '${A}:16';\n$`));
    assert.equal(written("is-replayed.sql"), `SELECT GTID_SUBSET('${A}:1-15', @@GLOBAL.gtid_executed);\n`);
    assert.deepEqual([plan().transactions, plan().exact, plan().latest], [5, true, "2026-11-21T12:30:15.000000Z"]);
  });

  it("names a gap", async () => {
    writeBinlog(log("server", "binlog.000003.1"), [[A, 1, 12]], transactions(13, 20));
    assert.deepEqual(await run(), [
      `the binary logs since ${NAME} have a gap: 2 transactions in no file (${A}:11-12); a restore can reach only the backup ${NAME} itself`,
    ]);
  });

  it("continues in spite of a gap if an operator names a point in time, and reports it", async () => {
    writeBinlog(log("server", "binlog.000003.1"), [[A, 1, 12]], transactions(13, 20));
    assert.deepEqual(await run({ proving: false, maxAgeSeconds: undefined, until: isoFromMicros(at(11)) }), []);
    assert.match(plan().gap ?? "", /have a gap: 2 transactions in no file/);
    assert.equal((await run({ proving: false, maxAgeSeconds: undefined })).length, 1);
    assert.equal(plan().gap, undefined);
  });

  it("minds logs that do not continue from the backup, as after a restore", async () => {
    writeBinlog(
      log("anew", "binlog.000001.1"),
      [],
      [{ source: "bbbbbbbb-0000-0000-0000-000000000002", number: 1, micros: at(0) }],
    );
    const [fault, ...more] = await run();
    assert.match(fault, /do not continue from the backup 20261121T120000Z: .*make a new backup$/);
    assert.deepEqual([more, await run({ proving: false, maxAgeSeconds: undefined })], [[], []]);
  });

  it("uses the logs of a cloned server, which do not record what came with the clone", async () => {
    const other = "bbbbbbbb-0000-0000-0000-000000000002";
    writeBinlog(log("server", "binlog.000002.1"), [[A, 1, 8]], transactions(9, 20));
    writeBinlog(log("clone", "binlog.000001.1"), [], [{ source: other, number: 1, micros: at(21) }]);
    fs.writeFileSync(log("clone", "copied-at"), `2026-11-21T12:40:00Z\n${A}:1-20\n`);
    assert.deepEqual(await run(), []);
    assert.deepEqual([plan().target, plan().transactions], [`${A}:1-20,${other}:1`, 11]);
    assert.deepEqual(written("files").trim().split("\n"), [
      log("server", "binlog.000002.1"),
      log("clone", "binlog.000001.1"),
    ]);
    fs.rmSync(log("server", "binlog.000002.1"));
    assert.match((await run()).join(), new RegExp(`have a gap: 10 transactions in no file \\(${A}:11-20\\)`));
  });

  it("counts what a server has logged and purged as logged", async () => {
    writeBinlog(log("server", "binlog.000002.1"), [[A, 1, 8]], transactions(9, 20));
    writeBinlog(log("server", "binlog.000003.1"), [[A, 1, 20]], transactions(21, 30));
    fs.writeFileSync(log("server", "copied-at"), `2026-11-21T12:40:00Z\n${A}:1-25\n`); // it started again after that
    assert.deepEqual(await run({ until: isoFromMicros(at(15)) }), []);
    assert.deepEqual([plan().stopBefore, plan().target], [`${A}:16`, `${A}:1-15`]);
  });

  it("minds a damaged file when everything is to be in order, and not in a restore that does without it", async () => {
    writeBinlog(log("server", "binlog.000002.1"), [[A, 1, 8]], transactions(9, 20));
    fs.writeFileSync(log("other", "binlog.000001.1"), "no log");
    assert.deepEqual(await run(), ["the binary log other/binlog.000001.1 is not a binary log"]);
    assert.deepEqual(await run({ proving: false, maxAgeSeconds: undefined }), []);
  });

  it("minds every server that has stopped copying, by its name", async () => {
    const copied = (folder: string, time: string, server: string): void =>
      fs.writeFileSync(log(folder, "copied-at"), `2026-11-21T${time}Z\n\n${server}\n`);
    const silence = (): Promise<readonly string[]> => run({ copying: ["mysql-0", "mysql-1"] });
    const silent = (server: string, since: string): string =>
      `${server} has not copied all of its binary logs since ${since}: what only they hold cannot be restored`;
    assert.deepEqual(await silence(), [silent("mysql-0", "the backup"), silent("mysql-1", "the backup")]);
    copied("a", "12:40:00", "mysql-0");
    copied("b", "12:59:00", "mysql-1");
    assert.deepEqual(await silence(), [silent("mysql-0", "2026-11-21T12:40:00.000Z")]);
    copied("c", "12:50:00", "mysql-0"); // it has lost its data, and writes to another folder
    assert.deepEqual([await silence(), await run()], [[], []]);
  });
});

describe("A point in time", () => {
  it("is exact to the microsecond, in any time zone", () => {
    assert.equal(microsFromIso("2026-11-21T12:30:00.000001Z") - microsFromIso("2026-11-21T13:30:00+01:00"), 1);
    assert.equal(isoFromMicros(microsFromIso("2028-02-29T23:59-05:00")), "2028-03-01T04:59:00.000000Z");
    assert.equal(isoFromMicros(microsFromIso("2026-11-21T12:30:15.020304Z")), "2026-11-21T12:30:15.020304Z");
  });

  it("has a time zone", () => {
    for (const text of [
      "2026-11-21T12:30:00",
      "2026-11-21",
      "yesterday",
      "2026-13-41T12:30:00Z",
      "2026-02-30T12:00:00Z",
      "2027-02-29T12:00:00+01:00",
      "2026-11-31T12:00Z",
      "2026-11-21T24:00:00Z",
      "2026-11-21T12:60:00Z",
      "2026-11-21T12:30:60Z",
      "2026-11-21T12:30:00+99:00",
    ])
      assert.throws(() => microsFromIso(text), /is not a point in time; write it as/);
  });
});
