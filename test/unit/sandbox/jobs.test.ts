import * as assert from "node:assert/strict";
import { failedJobs } from "../../../sandbox/cluster/jobs";

describe("the Jobs that have failed", () => {
  const job = (name: string, hour: number, end: "Failed" | "Complete" | undefined, cronJob?: string) => ({
    metadata: {
      namespace: "nacos",
      name,
      creationTimestamp: `2026-01-01T0${hour}:00:00Z`,
      ...(cronJob === undefined ? {} : { ownerReferences: [{ uid: cronJob }] }),
    },
    status: end === undefined ? {} : { conditions: [{ type: end }] },
  });

  it("are each that belongs to no CronJob", () => {
    assert.deepEqual(failedJobs({ items: [job("schema", 1, "Failed"), job("other", 2, "Complete")] }), [
      "nacos/schema",
    ]);
  });

  it("are the newest of a CronJob, in whatever order they are listed", () => {
    assert.deepEqual(
      failedJobs({
        items: [
          job("backup-2", 2, "Failed", "backup"),
          job("backup-1", 1, "Complete", "backup"),
          job("verify-1", 1, "Complete", "verify"),
        ],
      }),
      ["nacos/backup-2"],
    );
  });

  for (const end of ["Complete", undefined] as const) {
    it(`are none where a newer one of the CronJob ${end === undefined ? "runs" : "succeeded"}`, () => {
      assert.deepEqual(
        failedJobs({ items: [job("backup-2", 2, end, "backup"), job("backup-1", 1, "Failed", "backup")] }),
        [],
      );
    });
  }
});
