import { formatCpu, formatMemory } from "../../../contract/quantity";
import { amountOf, COMPUTE, type Compute, mostPods, podTotal } from "../../lib/pod-totals";
import { at, entries } from "../../lib/read";
import { same } from "../../lib/selector";
import { onStack, type StackFinding } from "../../lib/rule";

export const quotaCoversScale = onStack(
  {
    name: "quota-covers-scale",
    severity: "high",
    description:
      "The quota of a namespace has room for all its workloads at their largest scale, during an update; otherwise pods are missing when the load is highest.",
    remediationSteps: "Raise the quota, or lower the replicas, the maximum of the autoscaler or the resources.",
    url: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
    tags: ["reliability"],
  },
  function* (stack): Iterable<StackFinding> {
    for (const resource of stack.all("core/ResourceQuota")) {
      // A quota of some pods only counts those.
      if (
        at(resource.props, "spec", "scopes") !== undefined ||
        at(resource.props, "spec", "scopeSelector") !== undefined
      )
        continue;
      const workloads = stack.workloads
        .filter(({ namespace }) => same(namespace, resource.namespace) === true)
        .map((workload) => ({ workload, pods: mostPods(stack, workload) }));
      for (const [key, value] of entries(resource.props, "spec", "hard")) {
        const limit = key === "pods" ? podsOf(value) : isCompute(key) ? amountOf(key, value) : undefined;
        if (limit === undefined) continue;
        const parts = workloads.map(({ workload: { kind, objectName }, workload, pods }) => ({
          what: `${kind} ${objectName}`,
          amount: isCompute(key) ? pods * podTotal(workload, key) : pods,
        }));
        const sum = parts.reduce((total, { amount }) => total + amount, 0);
        if (sum <= limit) continue;
        const list = parts
          .sort((a, b) => b.amount - a.amount || (a.what < b.what ? -1 : 1))
          .map(({ what, amount }) => `${what} ${format(key, amount)}`);
        const problem = `${key} is ${format(key, limit)}, and its workloads need up to ${format(key, sum)}: ${list.slice(0, 5).join(", ")}. Raise it, or lower their scale.`;
        yield { resource, problem };
      }
    }
  },
);

/** A number of pods, which a quota writes as a text. */
function podsOf(value: unknown): number | undefined {
  return /^\d+$/.test(typeof value === "number" ? String(value) : typeof value === "string" ? value : "")
    ? Number(value)
    : undefined;
}

function isCompute(key: string): key is Compute {
  return (COMPUTE as readonly string[]).includes(key);
}

function format(key: string, amount: number): string {
  return key === "pods" ? String(amount) : key.endsWith(".cpu") ? formatCpu(amount) : formatMemory(amount);
}
