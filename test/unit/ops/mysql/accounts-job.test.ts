import assert from "node:assert/strict";
import { ApiError } from "../../../../clients/kubernetes/api";
import { again, discardPreviousPassword, makeAccounts } from "../../../../ops/mysql/accounts-job";
import type { JobContext } from "../../../../ops/mysql/backup-job";
import { failed, refused } from "../../../support/refusal";

const made = {
  spec: {
    activeDeadlineSeconds: 900,
    podFailurePolicy: { rules: [] },
    template: {
      metadata: {
        labels: {
          "app.kubernetes.io/component": "accounts",
          "nacos-platform/connects-to-mysql": "true",
          "batch.kubernetes.io/controller-uid": "u",
          "controller-uid": "u",
          "batch.kubernetes.io/job-name": "mysql-accounts",
          "job-name": "mysql-accounts",
        },
      },
      spec: {
        restartPolicy: "Never",
        containers: [{ name: "accounts", image: "node:24", command: ["node", "/code/accounts.js"] }],
      },
    },
  },
};

/** A cluster in which the Job that is created ends in that way. */
function clusterWith(type: "Complete" | "Failed"): { context: JobContext; created: object[] } {
  const created: object[] = [];
  const get = (path: string): unknown => {
    if (path.endsWith("/jobs/mysql-accounts")) return made;
    if (path.includes("/pods"))
      return {
        items: [
          {
            metadata: { name: "p", creationTimestamp: "" },
            status: {
              containerStatuses: [
                {
                  name: "accounts",
                  state: {
                    terminated: { exitCode: type === "Complete" ? 0 : 1, message: "accounts: MySQL is read-only" },
                  },
                },
              ],
            },
          },
        ],
      };
    assert.equal(path, "/apis/batch/v1/namespaces/nacos-x/jobs/mysql-accounts-1");
    return { status: { conditions: [{ type, status: "True" }] } };
  };
  const api = {
    get: (path: string) => Promise.resolve(get(path)),
    create: (_: string, job: object) => {
      created.push(job);
      return Promise.resolve({ metadata: { name: "mysql-accounts-1" } });
    },
  };
  return {
    created,
    context: {
      namespace: "nacos-x",
      api: api as unknown as JobContext["api"],
      say: () => undefined,
      now: () => new Date(0),
      sleep: () => Promise.resolve(),
    },
  };
}

describe("the Job that makes accounts", () => {
  const labels = { "app.kubernetes.io/component": "accounts", "nacos-platform/connects-to-mysql": "true" };

  it("runs again with the same pod, and without the labels of the Job that it was", async () => {
    const { context, created } = clusterWith("Complete");
    await makeAccounts(context);
    assert.deepEqual(created, [
      {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { generateName: "mysql-accounts-", labels },
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: 900,
          podFailurePolicy: { rules: [] },
          ttlSecondsAfterFinished: 3600,
          template: { metadata: { labels }, spec: made.spec.template.spec },
        },
      },
    ]);
  });

  it("discards an account's previous password", async () => {
    const { context, created } = clusterWith("Complete");
    await discardPreviousPassword(context, "nacos");
    assert.deepEqual(created, [again(made, ["discard", "nacos"])]);
    assert.match(JSON.stringify(created), /"command":\["node","\/code\/accounts.js","discard","nacos"\]/);
  });

  it("fails with its pod's words", () =>
    assert.rejects(
      makeAccounts(clusterWith("Failed").context),
      failed("MYSQL_ACCOUNTS_FAILED", "accounts: MySQL is read-only"),
    ));

  it("is missing in a stack that was never updated since", async () => {
    const { context } = clusterWith("Complete");
    const gone = { ...context, api: { ...context.api, get: () => Promise.reject(new ApiError(404, "not found")) } };
    await assert.rejects(
      makeAccounts(gone),
      refused("MYSQL_ACCOUNTS_JOB_MISSING", "namespace nacos-x", "Job mysql-accounts"),
    );
  });
});
