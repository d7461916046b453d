import assert from "node:assert/strict";
import { ApiError, type KubernetesApi } from "../../../../clients/kubernetes/api";
import { waitForJob } from "../../../../clients/kubernetes/job-end";
import type { Pod } from "../../../../clients/kubernetes/pod-trouble";
import { useClock } from "../../../support/clock";

type Condition = readonly [type: string, reason?: string, message?: string];
const told: string[] = [];

type Look = Error | { readonly condition?: Condition; readonly pods?: readonly Pod[] };

const JOB = "/apis/batch/v1/namespaces/nacos-x/jobs/nacos-schema";

/** Waits for a Job that looks like this at each look, and from then on like the last. */
function wait(...looks: readonly Look[]): Promise<void> {
  let look = -1;
  const get = (path: string): Promise<unknown> => {
    if (path === JOB) look = Math.min(look + 1, looks.length - 1);
    else if (path.startsWith("/api/v1/namespaces/nacos-x/events?"))
      return Promise.resolve({ items: [{ message: "exceeded quota" }] });
    else
      assert.equal(path, "/api/v1/namespaces/nacos-x/pods?labelSelector=batch.kubernetes.io%2Fjob-name%3Dnacos-schema");
    const seen = looks[look];
    if (seen instanceof Error) return Promise.reject(seen);
    const { condition, pods = [] } = seen;
    if (path !== JOB) return Promise.resolve({ items: pods });
    return Promise.resolve(
      condition === undefined
        ? {}
        : {
            status: {
              conditions: [{ type: condition[0], status: "True", reason: condition[1], message: condition[2] }],
            },
          },
    );
  };
  return waitForJob({ get } as unknown as KubernetesApi, { namespace: "nacos-x", name: "nacos-schema" }, (progress) =>
    told.push(progress),
  );
}

const pod = (phase: string, name: string, state: object): Pod => ({
  metadata: { name: "nacos-schema-x", uid: "1" },
  status: { phase, containerStatuses: [{ name, image: "nacos:v3.1.9", restartCount: 0, state }] },
});

describe("the end of a Job", () => {
  const clock = useClock();

  it("is waited for, even if the API server is unreachable for a while", async () => {
    await wait(
      {},
      new Error("the API server is away"),
      new ApiError(503, "starting"),
      { pods: [pod("Running", "apply", { running: {} })] },
      { condition: ["Complete"] },
    );
    assert.deepEqual(told.splice(0), [
      "pod nacos-schema-x is running. It continues if this is interrupted; another update before its end starts it again",
    ]);
  });

  it("is reported with its pod's last message if it has failed", () => {
    const pods = [
      pod("Failed", "apply", { terminated: { exitCode: 1, reason: "Error", message: "schema: refused: too new\n" } }),
    ];
    return assert.rejects(wait({ condition: ["Failed", "BackoffLimitExceeded"], pods }), {
      message:
        "Job nacos-schema has failed: container apply ended with status 1, restarted 0 times: schema: refused: too new",
    });
  });

  it("is reported with the newest pod's message, and not with that of an evicted pod", () => {
    const ended = (exitCode: number, message: string, more: object, created: string): Pod => {
      const one = pod("Failed", "apply", { terminated: { exitCode, message } });
      return { metadata: { ...one.metadata, creationTimestamp: created }, status: { ...one.status, ...more } };
    };
    const pods = [
      ended(143, "evicted", { conditions: [{ type: "DisruptionTarget", status: "True" }] }, "2030-01-01T00:03:00Z"),
      ended(1, "first", {}, "2030-01-01T00:01:00Z"),
      ended(3, "second", {}, "2030-01-01T00:02:00Z"),
    ];
    return assert.rejects(wait({ condition: ["Failed"], pods }), /ended with status 3, restarted 0 times: second$/);
  });

  it("is not waited for if there is no pod, or one that hangs on its node", async () => {
    await assert.rejects(wait({}), { message: "Job nacos-schema has no pod: exceeded quota" });
    const lost: Pod = {
      metadata: { name: "nacos-schema-x", uid: "1", deletionTimestamp: "2030-01-01T00:00:00Z" },
      spec: { nodeName: "node2" },
      status: { phase: "Running" },
    };
    await assert.rejects(wait({ pods: [lost] }), {
      message: "Job nacos-schema waits for pod nacos-schema-x to end, whose node node2 may be lost",
    });
  });

  it("is reported with Kubernetes' reason if there is no pod", () =>
    assert.rejects(wait({ condition: ["Failed", "DeadlineExceeded", "too late"] }), {
      message: "Job nacos-schema has failed: DeadlineExceeded: too late",
    }));

  it("is not waited for if it cannot begin", async () => {
    await assert.rejects(
      wait({ pods: [pod("Pending", "shipped", { waiting: { reason: "ImagePullBackOff", message: "not found" } })] }),
      {
        message:
          "Job nacos-schema cannot begin: pod nacos-schema-x: container shipped: image nacos:v3.1.9 cannot be pulled: ImagePullBackOff: not found",
      },
    );
    assert.equal(clock.elapsed, 120_000);
  });

  it("is not waited for if the Job is gone, may not be read, or the API server does not answer", async () => {
    for (const status of [404, 403]) await assert.rejects(wait(new ApiError(status, "no")), { message: "no" });
    await assert.rejects(wait({}, new Error("nobody")), { message: "nobody" });
    assert.ok(clock.elapsed > 120_000 && clock.elapsed < 130_000, String(clock.elapsed));
  });
});
