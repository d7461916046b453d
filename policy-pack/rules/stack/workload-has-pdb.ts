import { budgets } from "../../lib/budget";
import { UNKNOWN } from "../../lib/read";
import { onStack, type StackFinding } from "../../lib/rule";

export const workloadHasBudget = onStack(
  {
    name: "workload-has-pdb",
    severity: "high",
    description:
      "Workloads with several replicas have a PodDisruptionBudget; without one, drains of nodes may evict all of them at once.",
    remediationSteps: "Create a PodDisruptionBudget with maxUnavailable: 1 and the selector of the workload.",
    url: "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets",
    tags: ["reliability"],
  },
  function* (stack): Iterable<StackFinding> {
    for (const resource of stack.workloads) {
      if (resource.kind !== "Deployment" && resource.kind !== "StatefulSet") continue;
      const { min } = stack.scaleOf(resource);
      if (min === UNKNOWN || min < 2) continue;
      const pods = stack.pods.filter(({ workload }) => workload.urn === resource.urn);
      const covered = stack
        .all("policy/PodDisruptionBudget")
        .some((budget) => pods.some((pod) => budgets(budget, pod) !== false));
      if (!covered)
        yield { resource, problem: `no PodDisruptionBudget of its namespace covers its ${min} replicas. Create one.` };
    }
  },
);
