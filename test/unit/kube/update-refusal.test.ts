import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "../../../contract/refusal";
import { stopping, UpdateRefusal } from "../../../kube/update-refusal";

describe("what stops an update", () => {
  it("is printed without a stack trace, and ends with its code and runbook", () => {
    const error = new UpdateRefusal("UPDATE_JOB_FAILED", "Job x has failed");
    assert.ok(pulumi.RunError.isInstance(error));
    assert.equal(error.message, "Job x has failed [UPDATE_JOB_FAILED: docs/runbooks/pulumi-up.md]");
  });

  it("gets a code if it has none", () => {
    for (const message of [
      "Job x has failed: DeadlineExceeded",
      "Job x has failed: error [MY-010119] in a log",
      "a [B]",
    ])
      assert.equal(
        stopping("UPDATE_JOB_FAILED", new Error(message)).message,
        `${message} [UPDATE_JOB_FAILED: docs/runbooks/pulumi-up.md]`,
      );
  });

  it("keeps the code of a refusal", () =>
    assert.equal(
      stopping("UPDATE_JOB_FAILED", new Refusal("CLUSTER_CONTEXT_UNKNOWN", "no context")).message,
      "no context [CLUSTER_CONTEXT_UNKNOWN: docs/runbooks/README.md]",
    ));

  it("keeps the code with which a Job's log ends", () => {
    const error = new Error("Job x has failed: too new [SCHEMA_DATABASE_NEWER: docs/runbooks/nacos-schema.md]");
    assert.equal(stopping("UPDATE_JOB_FAILED", error), error);
  });
});
