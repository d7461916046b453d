import assert from "node:assert/strict";
import { evaluateBackups, faultOf, type CronJob, type Fault } from "../../../../../ops/diagnose/checks/backups";
import { ago, NOW, pod } from "../objects";

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
  const said = (given: ReturnType<typeof times>, jobs = cronJobs(30 * DAY), fault?: Fault) =>
    evaluateBackups(given, jobs, 26, NOW, fault).problems.map(({ verdict, reason }) => `${verdict} ${reason}`);

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

  describe("with the last verification that failed", () => {
    const late = "- mysql-1 has not copied all of its binary logs since 2030: what only they hold cannot be restored";
    const altered = "- the backup 20300101T000000Z was altered";
    const job = (name: string, minutes: number, type = "Failed", owner = "mysql-verify") => ({
      metadata: { name, creationTimestamp: ago(minutes), ownerReferences: [{ name: owner }] },
      status: { conditions: [{ type, status: "True" }] },
    });
    const ended = (name: string, of: string, minutes: number, message?: string) => {
      const state = { terminated: { exitCode: 1, message } };
      return pod(name, {
        metadata: { creationTimestamp: ago(minutes), ownerReferences: [{ kind: "Job", name: of }] },
        status: { containerStatuses: [{ name: "verify", image: "i", restartCount: 0, state }] },
      });
    };
    const jobs = [job("v1", 30), job("v2", 20), job("v3", 10, "Complete"), job("b", 5, "Failed", "mysql-backup")];
    const fault = (count: number, ...lines: string[]) =>
      faultOf(jobs, [
        ended("a", "v1", 30, `verification failed: 1 fault\n${altered}`),
        ended("c", "v2", 20, [`verification failed: ${count} fault${count === 1 ? "" : "s"}`, ...lines].join("\n")),
        ended("d", "v2", 25, "verification failed: 1 fault\n- the retry is newer"),
        ended("e", "b", 5, "verification failed: 1 fault\n- another Job"),
      ]);

    it("names the first fault, and only watches if servers are late with their copies", () => {
      assert.deepEqual(said(times(HOUR, HOUR, { verify_failed: 1 }), undefined, fault(1, late)), [
        `watch the last verification failed: ${late.slice(2)}`,
      ]);
      assert.deepEqual(said(times(HOUR, HOUR, { verify_failed: 1 }), undefined, fault(2, late, altered)), [
        `stop the last verification failed: ${altered.slice(2)}, and 1 more`,
      ]);
    });

    it("does not trust a message that was cut off", () => assert.equal(fault(2, late)?.isOfCopies, false));

    it("says how the container ended if it has no list, and nothing if the pod is gone", () => {
      assert.match(faultOf(jobs, [ended("c", "v2", 20)])?.reason ?? "", /^container verify ended with status 1/);
      assert.equal(faultOf(jobs, [ended("a", "v1", 30, altered)]), undefined);
    });
  });

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
