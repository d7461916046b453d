import assert from "node:assert/strict";
import { type BackupRequest, chooseBackup, logsSince } from "../../../../runtime/mysql-backup/choose-backup";

const complete = (name: string): string[] => [`${name}/dump.sql.zst`, `${name}/manifest.json`];
const [FIRST, SECOND, THIRD] = ["20261119T000000Z", "20261120T000000Z", "20261121T110000Z"];

describe("The choice of a backup", () => {
  const choose = (files: readonly string[], more: Partial<BackupRequest> = {}) =>
    chooseBackup(files, {
      place: "outside",
      deadlineSeconds: 3600,
      proving: true,
      now: new Date("2026-11-21T12:00:00Z"),
      ...more,
    });

  it("is the newest that is complete", () => {
    assert.deepEqual(choose([...complete(SECOND), ...complete(FIRST)]), { chosen: SECOND });
  });

  it("is the newest from before a point in time", () => {
    const files = [...complete(FIRST), ...complete(SECOND), ...complete(THIRD)];
    assert.deepEqual(choose(files, { until: THIRD }), { chosen: SECOND });
    assert.deepEqual(choose(files, { until: "20261119T000001Z" }), { chosen: FIRST });
    assert.deepEqual(choose(files, { until: FIRST }), {
      fault: `there is no backup in the object store from before ${FIRST}; the oldest is ${FIRST}`,
    });
  });

  it("passes over one that may still be on its way, and reports one that is incomplete", () => {
    const files = [...complete(FIRST), `${THIRD}/dump.sql.zst`];
    assert.deepEqual(choose(files), { chosen: FIRST });
    assert.deepEqual(choose(files, { deadlineSeconds: 3599, place: "volume" }), {
      fault: `the newest backup, ${THIRD} (backup volume), has no manifest: it is incomplete`,
    });
  });

  it("of a restore is one that is complete, although the newest is not", () => {
    const files = [...complete(FIRST), ...complete(SECOND), `${THIRD}/dump.sql.zst`];
    const restoring = { deadlineSeconds: 0, proving: false };
    assert.deepEqual(choose(files, restoring), { chosen: SECOND });
    assert.deepEqual(choose(files, { ...restoring, until: SECOND }), { chosen: FIRST });
  });

  it("reports that there is none", () => {
    for (const files of [[], ["status.json"], [`${FIRST}/dump.sql.zst`], ["other/manifest.json"]])
      assert.deepEqual(choose(files), { fault: "there is no backup in the object store" });
    assert.deepEqual(choose([], { place: "volume" }), { fault: "there is no backup in the backup volume" });
  });

  it("needs the binary logs from one hour before the backup", () => {
    assert.equal(logsSince(SECOND).toISOString(), "2026-11-19T23:00:00.000Z");
  });
});
