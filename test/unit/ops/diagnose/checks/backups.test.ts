import assert from "node:assert/strict";
import { evaluateBackups, type CronJob } from "../../../../../ops/diagnose/checks/backups";
import { ago, NOW } from "../objects";

const HOUR = 60;
const DAY = 24 * HOUR;

describe("the check of backups", () => {
  const cronJobs = (age: number, suspend = false): CronJob[] =>
    ["mysql-backup", "mysql-verify"].map((name) => ({
      metadata: { name, creationTimestamp: ago(age) },
      spec: { suspend: suspend && name === "mysql-backup" },
    }));
  const metrics = (values: Record<string, number>) =>
    Object.entries(values).map(([name, value]) => ({ name, help: "", value }));
  /** @param backup how many minutes ago the last one succeeded; undefined: none ever did */
  const times = (backup?: number, verify?: number, over: Record<string, number> = {}) =>
    metrics({
      backup_last_success_timestamp_seconds: backup === undefined ? 0 : Date.parse(ago(backup)) / 1000,
      verify_last_success_timestamp_seconds: verify === undefined ? 0 : Date.parse(ago(verify)) / 1000,
      ...over,
    });
  const said = (given: ReturnType<typeof times>, jobs = cronJobs(30 * DAY)) =>
    evaluateBackups(given, jobs, 26, NOW).problems.map(({ verdict, reason }) => `${verdict} ${reason}`);

  it("finds nothing if the last ones are young enough, or none is due yet", () => {
    assert.deepEqual(evaluateBackups(times(3 * HOUR, 4 * HOUR), cronJobs(30 * DAY), 26, NOW), {
      summary: "last backup 3 h ago, last verification 4 h ago",
      problems: [],
    });
    assert.deepEqual(evaluateBackups(times(), cronJobs(HOUR), 26, NOW), {
      summary: "last backup not yet, last verification not yet",
      problems: [],
    });
  });

  it("stops if the newest backup could not be restored", () =>
    assert.deepEqual(said(times(HOUR, HOUR, { verify_failed: 1 })), ["stop the last verification failed"]));

  it("watches a backup that failed, and escalates if the last good one is too old or none ever was", () => {
    assert.deepEqual(said(times(HOUR, HOUR, { backup_failed: 1 })), ["watch the last backup failed"]);
    assert.deepEqual(said(times(27 * HOUR, HOUR)), [
      "escalate the last backup that succeeded is 27 h old; it may be 26 h",
    ]);
    assert.deepEqual(said(times(undefined, HOUR)), [
      "escalate the last backup that succeeded never was; it may be 26 h",
    ]);
  });

  it("watches a verification that is too old, a CronJob that is suspended, and backups without the registry", () => {
    assert.deepEqual(said(times(HOUR, 9 * DAY)), [
      "watch the last verification that succeeded is 216 h old; it may be 192 h",
    ]);
    assert.deepEqual(said(times(HOUR, HOUR), cronJobs(DAY, true)), ["watch CronJob mysql-backup is suspended"]);
    assert.deepEqual(said(times(HOUR, HOUR, { backup_last_registry_timestamp_seconds: 0 })), [
      "watch the recent backups do not have Nacos' registry",
    ]);
  });

  it("escalates if nothing makes backups", () =>
    assert.deepEqual(said(times(), []), [
      "escalate CronJob mysql-backup does not exist",
      "escalate CronJob mysql-verify does not exist",
    ]));
});
