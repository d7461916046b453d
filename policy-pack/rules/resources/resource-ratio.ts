import { amountOf } from "../../lib/pod-totals";
import { at, quote } from "../../lib/read";
import { onContainers } from "../../lib/rule";

/** How many times the request a limit may be. */
const MOST = { cpu: 10, memory: 4 };

const setting = (resource: keyof typeof MOST) => ({
  type: "integer" as const,
  minimum: 1,
  description: `How many times its request the limit of ${resource} may be.`,
  default: MOST[resource],
});

export const resourceRatio = onContainers(
  {
    name: "resource-ratio",
    severity: "medium",
    description:
      "Limits are not many times the requests: nodes are filled by requests, and pods that use their limits take from each other.",
    remediationSteps: "Raise resources.requests to what the container needs under load, or lower resources.limits.",
    url: "https://kubernetes.io/docs/concepts/policy/limit-range/",
    tags: ["reliability"],
    settings: { cpu: setting("cpu"), memory: setting("memory") },
  },
  function* ({ spec }, _, { settings }) {
    const allowed = { ...MOST, ...(settings as Partial<typeof MOST>) };
    for (const resource of ["cpu", "memory"] as const) {
      const [request, limit] = (["requests", "limits"] as const).map((set) => at(spec, "resources", set, resource));
      const [least, most] = [amountOf(`requests.${resource}`, request), amountOf(`limits.${resource}`, limit)];
      if (!least || !most) continue; // not comparable, or none: resources-required is for that
      const both = `${resource} has the request ${quote(request)} and the limit ${quote(limit)}`;
      if (least > most) yield `${both}, which is less. Kubernetes refuses that.`;
      else if (most > least * allowed[resource])
        yield `${both}, more than ${allowed[resource]} times as much. Raise the request, or lower the limit.`;
    }
  },
);
