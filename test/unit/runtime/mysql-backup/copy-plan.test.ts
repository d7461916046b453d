import assert from "node:assert/strict";
import { backupsIn, copyPlan } from "../../../../runtime/mysql-backup/copy-plan";

const now = new Date("2026-11-21T12:00:00Z");
const NEW = "20261121T115500Z";
const files = (...names: string[]): string[] =>
  names.flatMap((name) => [`${name}/dump.sql.zst`, `${name}/manifest.json`]);

describe("What a copy does with the object store", () => {
  const retention = { count: 2, days: 7 };

  it("applies the retention to what is there and the new backup", () => {
    const listed = files("20260101T000000Z", "20260201T000000Z", "20261101T000000Z");
    assert.deepEqual(copyPlan(NEW, listed, retention, "20260101T000000Z", now), {
      name: NEW,
      expired: "20260201T000000Z\n",
      "logs-before": "2025-12-31T00:00:00Z", // of the verified one, which stays
    });
    assert.deepEqual(copyPlan(NEW, listed, retention, "", now), {
      name: NEW,
      expired: "20260201T000000Z\n20260101T000000Z\n",
      "logs-before": "2026-10-31T00:00:00Z",
    });
  });

  it("removes nothing if the new backup is the first, or was copied before", () => {
    for (const listed of [[], files(NEW)])
      assert.deepEqual(copyPlan(NEW, listed, { count: 1, days: 1 }, "", now), {
        name: NEW,
        expired: "",
        "logs-before": "2026-11-20T11:55:00Z",
      });
  });

  it("removes nothing if the object store could not be listed", () => {
    assert.deepEqual(copyPlan(NEW, undefined, retention, "", now), { name: NEW, expired: "", "logs-before": "" });
  });

  it("counts each backup once, and nothing else", () => {
    assert.deepEqual(backupsIn([...files("20260201T000000Z", "20260101T000000Z"), "x/y", "20260101", ""]), [
      "20260101T000000Z",
      "20260201T000000Z",
    ]);
  });
});
