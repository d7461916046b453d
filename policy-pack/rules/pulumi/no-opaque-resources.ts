import { BUILT_IN_GROUPS } from "../../lib/api-lifecycle";
import { at, entries, items } from "../../lib/read";
import type { Rule } from "../../lib/rule";

export const noOpaqueResources: Rule = {
  name: "no-opaque-resources",
  severity: "high",
  description:
    "Pods reach the cluster as resources that rules can evaluate, not inside a Helm release, a list, a patch or a custom resource.",
  remediationSteps: "Use kubernetes.helm.v4.Chart instead of Release, and one resource for each object.",
  url: "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/choosing-the-right-helm-resource-for-your-use-case/",
  tags: ["pulumi"],
  resource: function* ({ type, kind, group = "", props }) {
    if (/^kubernetes:helm\.sh\/v\d\w*:Release$/.test(type))
      yield "Helm creates its objects, and no rule evaluates them. Use kubernetes.helm.v4.Chart.";
    if (BUILT_IN_GROUPS.has(group) && /(Patch|List)$/.test(kind))
      yield `no rule evaluates what is in a ${kind}. Use a resource for each object.`;
    if (group !== "" && !BUILT_IN_GROUPS.has(group) && hasContainers(at(props, "spec")))
      yield "it has containers, which no rule evaluates. Use a Deployment, StatefulSet, Job or CronJob.";
  },
};

/** Whether there is a list of containers somewhere below. */
function hasContainers(value: unknown, depth = 8): boolean {
  if (depth === 0) return false;
  const isContainer = (item: unknown) => typeof at(item, "image") === "string" && at(item, "name") !== undefined;
  const below = Array.isArray(value) ? items(value) : entries(value).map(([, child]) => child);
  return items(value, "containers").some(isContainer) || below.some((child) => hasContainers(child, depth - 1));
}
