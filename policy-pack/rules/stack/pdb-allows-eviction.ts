import { budgets, evictable } from "../../lib/budget";
import { UNKNOWN } from "../../lib/read";
import { title } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";

export const budgetAllowsEviction = onStack(
  {
    name: "pdb-allows-eviction",
    severity: "high",
    description:
      "Every PodDisruptionBudget covers pods and lets one go, and no pod has two; otherwise nodes cannot be drained.",
    remediationSteps: "Set maxUnavailable: 1, and select the pods of one workload.",
    url: "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets",
    tags: ["reliability"],
  },
  function* (stack): Iterable<StackFinding> {
    const all = stack.all("policy/PodDisruptionBudget");
    for (const resource of all) {
      const covered = stack.pods.filter((pod) => budgets(resource, pod) !== false);
      if (covered.length === 0 && stack.owns(resource.namespace))
        yield { resource, problem: "it covers no pod of the stack. Correct its selector." };
      const certain = stack.workloads.filter((workload) =>
        stack.pods.some((pod) => pod.workload.urn === workload.urn && budgets(resource, pod) === true),
      );
      for (const workload of certain) {
        const other = all.find(
          (budget) =>
            budget.urn !== resource.urn &&
            stack.pods.some(
              (pod) =>
                pod.workload.urn === workload.urn && budgets(budget, pod) === true && budgets(resource, pod) === true,
            ),
        );
        if (other !== undefined)
          yield {
            resource,
            problem: `${title(other)} covers pods of ${title(workload)} too, and the eviction of a pod with two budgets fails. Remove one.`,
          };
      }
      const replicas = certain.map((workload) => stack.scaleOf(workload).min);
      if (
        replicas.length === 0 ||
        replicas.includes(UNKNOWN) ||
        certain.length < new Set(covered.map(({ workload }) => workload.urn)).size
      )
        continue;
      const pods = (replicas as number[]).reduce((sum, count) => sum + count, 0);
      const allowed = evictable(resource, pods);
      if (allowed === UNKNOWN || pods === 0) continue;
      const of = `of its ${pods} ${pods === 1 ? "pod" : "pods"}`;
      if (allowed === 0)
        yield { resource, problem: `it lets none ${of} be evicted, so no node can be drained. Set maxUnavailable: 1.` };
      if (allowed >= pods && pods >= 2)
        yield {
          resource,
          problem: `it lets all ${of} be evicted at once, which protects nothing. Set maxUnavailable: 1.`,
          advisory: true,
        };
    }
  },
);
