import assert from "node:assert/strict";
import { evaluateBinlogs } from "../../../../../ops/diagnose/checks/binlogs";
import { NOW } from "../objects";

describe("the check of binary logs", () => {
  it("names servers that are late, and those that do not report", () => {
    const copied = new Map([
      ["mysql-0", NOW - 60_000],
      ["mysql-1", NOW - 600_000],
      ["mysql-2", undefined],
    ]);
    const { summary, problems } = evaluateBinlogs(copied, NOW);
    assert.equal(summary, "copied off-site by 3 servers");
    assert.deepEqual(
      problems.map(({ verdict, reason }) => [verdict, reason.split(" ")[0]]),
      [
        ["watch", "mysql-1"],
        ["watch", "mysql-2"],
      ],
    );
  });

  it("has nothing to say where no log is copied", () =>
    assert.deepEqual(evaluateBinlogs(new Map(), NOW), { summary: "not copied off-site", problems: [] }));
});
