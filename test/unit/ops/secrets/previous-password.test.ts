import assert from "node:assert/strict";
import { discardPreviousPassword, discardJob } from "../../../../ops/secrets/previous-password";
import { ApiError, type KubernetesApi } from "../../../../clients/kubernetes/api";

const made = {
  spec: {
    template: {
      metadata: { labels: { "app.kubernetes.io/component": "accounts", "nacos-platform/connects-to-mysql": "true", "batch.kubernetes.io/controller-uid": "u", "controller-uid": "u", "batch.kubernetes.io/job-name": "mysql-accounts", "job-name": "mysql-accounts" } },
      spec: { restartPolicy: "Never", containers: [{ name: "accounts", image: "node:24", command: ["node", "/code/accounts.js"] }] },
    },
  },
};

describe("discarding a previous password", () => {
  it("is a Job of the pod that made the account, which runs for that account only", () => {
    const labels = { "app.kubernetes.io/component": "accounts", "nacos-platform/connects-to-mysql": "true" };
    assert.deepEqual(discardJob(made, "nacos"), {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { generateName: "mysql-accounts-discard-", labels },
      spec: {
        backoffLimit: 0,
        ttlSecondsAfterFinished: 3600,
        template: { metadata: { labels }, spec: { restartPolicy: "Never", containers: [{ name: "accounts", image: "node:24", command: ["node", "/code/accounts.js", "discard", "nacos"] }] } },
      },
    });
  });

  const cluster = (get: (path: string) => object): Parameters<typeof discardPreviousPassword>[0] => ({
    stack: "prod",
    namespace: "nacos-x",
    api: {
      get: (path: string) => Promise.resolve().then(() => get(path)),
      create: () => Promise.resolve({ metadata: { name: "mysql-accounts-discard-1" } }),
    } as unknown as KubernetesApi,
  });

  it("waits for the Job's end, and fails with its pod's words", async () => {
    const ended = (type: string) => cluster((path) => {
      if (path.endsWith("/jobs/mysql-accounts")) return made;
      if (path.includes("/pods")) return { items: [{ metadata: { name: "p" }, status: { phase: "Failed", containerStatuses: [{ name: "accounts", state: { terminated: { exitCode: 1, message: "accounts: MySQL is read-only" } } }] } }] };
      assert.equal(path, "/apis/batch/v1/namespaces/nacos-x/jobs/mysql-accounts-discard-1");
      return { status: { conditions: [{ type, status: "True" }] } };
    });
    await discardPreviousPassword(ended("Complete"), "nacos");
    await assert.rejects(discardPreviousPassword(ended("Failed"), "nacos"), /Job mysql-accounts-discard-1 has failed: .*MySQL is read-only/);
  });

  it("refuses a stack whose accounts no Job has made", () => assert.rejects(discardPreviousPassword(cluster(() => {
    throw new ApiError(404, "not found");
  }), "nacos"), { message: "namespace nacos-x has no Job mysql-accounts: update stack prod first." }));
});
