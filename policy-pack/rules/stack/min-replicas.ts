import { UNKNOWN } from "../../lib/read";
import { onStack, type StackFinding } from "../../lib/rule";

export const minReplicas = onStack(
  {
    name: "min-replicas",
    severity: "medium",
    description:
      "Deployments and StatefulSets have two replicas or more, or an autoscaler with that minimum: one pod is down while its node is drained.",
    remediationSteps: "Set spec.replicas, or minReplicas of the HorizontalPodAutoscaler, to 2 or more.",
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",
    tags: ["reliability"],
    settings: { replicas: { type: "integer", minimum: 1, description: "The smallest number.", default: 2 } },
  },
  function* (stack, { settings }): Iterable<StackFinding> {
    const { replicas = 2 } = settings as { replicas?: number };
    for (const resource of stack.workloads) {
      if (resource.kind !== "Deployment" && resource.kind !== "StatefulSet") continue;
      const { min } = stack.scaleOf(resource);
      if (min === UNKNOWN || min >= replicas) continue;
      // Whoever writes 0 has switched it off.
      yield {
        resource,
        problem: `it has ${min} ${min === 1 ? "replica" : "replicas"}. Set ${replicas} or more.`,
        advisory: min === 0,
      };
    }
  },
);
