import { at, items, quote, UNKNOWN } from "../../lib/read";
import { type Finding, onKinds } from "../../lib/rule";

export const autoscalerBounds = onKinds(
  {
    name: "hpa-bounds",
    severity: "medium",
    description:
      "An autoscaler keeps two replicas, has room to scale, and a target that leaves time for new pods to start.",
    remediationSteps: "Set minReplicas of 2 or more, a larger maxReplicas, and a target utilization from 30 to 90.",
    url: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
    tags: ["reliability"],
  },
  ["autoscaling/HorizontalPodAutoscaler"],
  function* ({ props }): Iterable<Finding | string> {
    const spec = at(props, "spec");
    if (spec === undefined || spec === UNKNOWN) return;
    const [min, max] = [at(spec, "minReplicas") ?? 1, at(spec, "maxReplicas")];
    if (typeof min === "number" && min < 2) yield `minReplicas is ${min}. Set 2 or more.`;
    if (typeof min === "number" && typeof max === "number" && max <= min)
      yield `maxReplicas is ${max}, not more than minReplicas (${min}). Set more.`;
    const former = at(spec, "targetCPUUtilizationPercentage");
    if (at(spec, "metrics") !== UNKNOWN && items(spec, "metrics").length === 0 && former === undefined)
      yield "metrics is not set. Name what it scales by.";
    for (const metric of items(spec, "metrics")) {
      const use =
        at(metric, "resource", "target", "averageUtilization") ??
        at(metric, "containerResource", "target", "averageUtilization");
      if (typeof use === "number" && (use < 30 || use > 90)) yield `the target utilization is ${use}. Set 30 to 90.`;
    }
    if (at(spec, "behavior", "scaleDown") === undefined && at(spec, "behavior") !== UNKNOWN)
      yield {
        problem: `behavior.scaleDown is ${quote(undefined)}: it removes any number of pods at once.`,
        advisory: true,
      };
  },
);
