import { at, UNKNOWN } from "./read";
import type { Pod } from "./pods";
import type { Resource } from "./resource";
import { type Answer, every, matches, same } from "./selector";

/** Whether a PodDisruptionBudget covers a pod. Without a selector it covers none. */
export function budgets({ namespace, props }: Resource, { workload, label }: Pod): Answer {
  const selector = at(props, "spec", "selector");
  if (selector === undefined) return false;
  return every([same(namespace, workload.namespace), matches(selector, label)]);
}

/** How many of `pods` healthy pods may be evicted at once. Kubernetes rounds percentages up, both ways. */
export function evictable({ props }: Resource, pods: number): number | typeof UNKNOWN {
  const [least, most] = [at(props, "spec", "minAvailable"), at(props, "spec", "maxUnavailable")];
  const count = (value: unknown) => {
    if (typeof value === "number") return value;
    const percent = typeof value === "string" ? /^(\d+)%$/.exec(value)?.[1] : undefined;
    return percent === undefined ? UNKNOWN : Math.ceil((pods * Number(percent)) / 100);
  };
  if (most !== undefined) return count(most);
  const needed = count(least);
  return needed === UNKNOWN ? UNKNOWN : Math.max(0, pods - needed);
}
