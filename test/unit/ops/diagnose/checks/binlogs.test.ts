import assert from "node:assert/strict";
import { evaluateBinlogs } from "../../../../../ops/diagnose/checks/binlogs";
import type { CopiedAt } from "../../../../../runtime/mysql-controller/shipping";
import { NOW } from "../objects";

describe("the check of binary logs", () => {
  it("names servers that are late, those that do not report, and those whose reports cannot be read", () => {
    const copied = new Map<string, CopiedAt>([
      ["mysql-0", NOW - 60_000],
      ["mysql-1", NOW - 600_000],
      ["mysql-2", undefined],
      ["mysql-3", new Error("403 forbidden")],
    ]);
    const { summary, problems } = evaluateBinlogs(copied, NOW);
    assert.equal(summary, "copied off-site by 1 of 4 servers");
    assert.deepEqual(
      problems.map(({ verdict, reason }) => [verdict, /mysql-\d/.exec(reason)?.[0]]),
      [
        ["watch", "mysql-1"],
        ["watch", "mysql-2"],
        ["unknown", "mysql-3"],
      ],
    );
  });

  it("has nothing to say where no log is copied", () =>
    assert.deepEqual(evaluateBinlogs(new Map(), NOW), { summary: "not copied off-site", problems: [] }));
});
