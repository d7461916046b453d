import assert from "node:assert/strict";
import { ApiError } from "../../../clients/kubernetes/api";
import { requireMetrics } from "../../../kube/metrics-api";

type Answer = object | Error;

describe("the metrics of an autoscaler", () => {
  const group = { preferredVersion: { groupVersion: "metrics.k8s.io/v1beta1" } };
  const asked: string[] = [];
  const api = (answers: Record<string, Answer>) => ({
    get: <T>(path: string): Promise<T> => {
      asked.push(path);
      const answer = answers[path] ?? new ApiError(404, "the server could not find the requested resource");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as T);
    },
  });
  const required = (answers: Record<string, Answer>, ...types: Parameters<typeof requireMetrics>[2]) =>
    requireMetrics(api(answers), "nacos", types, "Or turn it off.");
  const code = "[AUTOSCALING_METRICS_MISSING: docs/runbooks/pulumi-up.md]";

  it("are accepted if the cluster serves them, asked for once", async () => {
    asked.length = 0;
    const served = { "/apis/metrics.k8s.io": group, "/apis/metrics.k8s.io/v1beta1": {} };
    assert.deepEqual(await required(served, "ContainerResource", "Resource"), []);
    assert.deepEqual(asked, ["/apis/metrics.k8s.io", "/apis/metrics.k8s.io/v1beta1"]);
  });

  it("are refused if there is no metrics-server", () =>
    assert.rejects(required({}, "ContainerResource"), {
      message: `autoscaler nacos would never act: API metrics.k8s.io does not exist. Install or repair metrics-server: kubectl get apiservices. Or turn it off. ${code}`,
    }));

  it("are refused if metrics-server does not answer", () =>
    assert.rejects(
      required(
        { "/apis/metrics.k8s.io": group, "/apis/metrics.k8s.io/v1beta1": new ApiError(503, "service unavailable") },
        "Resource",
      ),
      {
        message: `autoscaler nacos would never act: API metrics.k8s.io is not available: service unavailable. Install or repair metrics-server: kubectl get apiservices. Or turn it off. ${code}`,
      },
    ));

  it("are refused if one of several APIs is missing", () =>
    assert.rejects(
      required({ "/apis/metrics.k8s.io": group, "/apis/metrics.k8s.io/v1beta1": {} }, "Resource", "Pods", "External"),
      /API custom\.metrics\.k8s\.io does not exist\. Install or repair a metrics adapter/,
    ));

  for (const [what, error] of [
    ["the API server is unreachable", new Error("connect ECONNREFUSED 10.0.0.1:6443")],
    ["the account may not ask", new ApiError(403, "forbidden")],
  ] as const) {
    it(`give a warning if ${what}`, async () => {
      const { message } = error;
      assert.deepEqual(await required({ "/apis/metrics.k8s.io": error }, "Resource"), [
        `could not check if the cluster serves API metrics.k8s.io, without which autoscaler nacos never acts: ${message}`,
      ]);
    });
  }
});
