import assert from "node:assert/strict";
import { expired, logsNeededSince } from "../../../../runtime/mysql-backup/retention";

const now = new Date("2026-11-21T12:00:00Z");

function day(ago: number): string {
  return new Date(now.getTime() - ago * 86_400_000).toISOString().replace(/[-:]|\.\d+/g, "");
}

describe("The retention of backups", () => {
  const names = [40, 20, 10, 5, 1].map(day);
  const old = (some: readonly string[], count: number, days: number, verified = ""): string[] =>
    expired(some, { count, days }, verified, now);

  it("expires backups beyond both count and age", () => assert.deepEqual(old(names, 2, 15), [names[1], names[0]]));
  it("keeps the minimum number, however old they are", () => assert.deepEqual(old(names, 4, 0), [names[0]]));
  it("keeps young backups, however many they are", () => assert.deepEqual(old(names, 1, 30), [names[0]]));
  it("keeps a backup that is exactly as old as allowed", () => assert.deepEqual(old(names, 0, 20), [names[0]]));
  it("keeps the last verified backup", () => assert.deepEqual(old(names, 2, 15, names[0]), [names[1]]));
  it("keeps the only backup", () => assert.deepEqual(old([day(400)], 1, 0), []));
  it("ignores files that are no backups", () =>
    assert.deepEqual(old(["lost+found", ".unfinished-x", "2020", "20261399T000000Z"], 0, 0), []));

  it("keeps binary logs from one day before the oldest backup", () => {
    assert.equal(logsNeededSince(["20261121T120000Z", "20261120T010203Z"]).toISOString(), "2026-11-19T01:02:03.000Z");
  });
});
