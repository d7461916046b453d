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
    assert.deepEqual(copyPlan([NEW], listed, retention, "20260101T000000Z", now), {
      names: `${NEW}\n`,
      expired: "20260201T000000Z\n",
      "logs-before": "2025-12-31T00:00:00Z", // of the verified one, which stays
    });
    assert.deepEqual(copyPlan([NEW], listed, retention, "", now), {
      names: `${NEW}\n`,
      expired: "20260201T000000Z\n20260101T000000Z\n",
      "logs-before": "2026-10-31T00:00:00Z",
    });
  });

  it("removes nothing if the new backup is the first", () => {
    assert.deepEqual(copyPlan([NEW], [], { count: 1, days: 1 }, "", now), {
      names: `${NEW}\n`,
      expired: "",
      "logs-before": "2026-11-20T11:55:00Z",
    });
  });

  it("copies what earlier runs could not copy completely, the newest first, except what is no longer kept", () => {
    const [expired, copied, failed, interrupted] = [
      "20260101T000000Z",
      "20261119T000000Z",
      "20261120T000000Z",
      "20261120T120000Z",
    ];
    const listed = [...files(copied), `${interrupted}/dump.sql.zst`];
    const { names } = copyPlan([expired, copied, failed, interrupted, NEW], listed, retention, "", now);
    assert.equal(names, `${NEW}\n${interrupted}\n${failed}\n`);
  });

  it("counts no backup that nobody completes, and removes it when it is old", () => {
    const [complete, incomplete, old] = ["20261101T000000Z", "20261120T000000Z", "20261102T000000Z"];
    const listed = [...files("20261001T000000Z", complete), `${incomplete}/dump.sql.zst`, `${old}/dump.sql.zst`];
    assert.deepEqual(copyPlan([NEW], listed, retention, old, now), {
      names: `${NEW}\n`,
      expired: `20261001T000000Z\n${old}\n`,
      "logs-before": "2026-10-31T00:00:00Z",
    });
  });

  it("removes nothing if the object store could not be listed", () => {
    assert.deepEqual(copyPlan(["20260101T000000Z", NEW], undefined, retention, "", now), {
      names: `${NEW}\n`,
      expired: "",
      "logs-before": "",
    });
  });

  it("counts each backup once, and nothing else", () => {
    assert.deepEqual(backupsIn([...files("20260201T000000Z", "20260101T000000Z"), "x/y", "20260101", ""]), [
      "20260101T000000Z",
      "20260201T000000Z",
    ]);
  });
});
