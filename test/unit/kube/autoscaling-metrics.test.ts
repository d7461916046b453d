import assert from "node:assert/strict";
import { cpu, METRICS_API, metricSpec, type Metric } from "../../../kube/autoscaling-metrics";

describe("a metric of an autoscaler", () => {
  const series = { name: "queue_length", selector: { matchLabels: { queue: "orders" } } };
  const named = { metric: "queue_length", selector: { queue: "orders" } };
  const object = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", name: "shop" };
  const cases: readonly [what: string, metric: Metric, spec: object, api: string][] = [
    [
      "the CPU of the pods, 70 % by default",
      cpu(),
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      "metrics.k8s.io",
    ],
    [
      "the CPU of one container",
      cpu(60, "app"),
      {
        type: "ContainerResource",
        containerResource: {
          name: "cpu",
          container: "app",
          target: { type: "Utilization", averageUtilization: 60 },
        },
      },
      "metrics.k8s.io",
    ],
    [
      "the memory of the pods",
      { type: "Resource", resource: "memory", percent: 80 },
      { type: "Resource", resource: { name: "memory", target: { type: "Utilization", averageUtilization: 80 } } },
      "metrics.k8s.io",
    ],
    [
      "a metric of the pods",
      { type: "Pods", metric: "requests_per_second", average: "1k" },
      {
        type: "Pods",
        pods: { metric: { name: "requests_per_second" }, target: { type: "AverageValue", averageValue: "1k" } },
      },
      "custom.metrics.k8s.io",
    ],
    [
      "a metric of another object",
      { type: "Object", object, ...named, value: "10k" },
      {
        type: "Object",
        object: { describedObject: object, metric: series, target: { type: "Value", value: "10k" } },
      },
      "custom.metrics.k8s.io",
    ],
    [
      "a metric from outside, for each pod",
      { type: "External", ...named, average: "30" },
      { type: "External", external: { metric: series, target: { type: "AverageValue", averageValue: "30" } } },
      "external.metrics.k8s.io",
    ],
  ];
  for (const [what, metric, spec, api] of cases) {
    it(`may be ${what}`, () => {
      assert.deepEqual(metricSpec(metric), spec);
      assert.equal(METRICS_API[metric.type], api);
    });
  }
});
