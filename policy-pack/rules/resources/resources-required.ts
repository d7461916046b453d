import { at, quote } from "../../lib/read";
import { onContainers } from "../../lib/rule";

// "0", "0m" and "0Gi" all mean "none".
const none = (amount: unknown) =>
  amount === undefined || amount === 0 || (typeof amount === "string" && /^0+(?:\.0+)?[A-Za-z]*$/.test(amount));

export const resourcesRequired = onContainers(
  {
    name: "resources-required",
    severity: "high",
    description:
      "Every container requests and limits cpu and memory; without that, nodes are overcommitted and one container can take the resources of others.",
    remediationSteps: "Set cpu and memory in resources.requests and in resources.limits of the container.",
    url: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    tags: ["reliability", "nsa"],
  },
  function* ({ kind, spec }) {
    // Kubernetes does not let an ephemeral container have resources.
    if (kind === "ephemeral container") return;
    for (const set of ["requests", "limits"]) {
      for (const resource of ["cpu", "memory"]) {
        const amount = at(spec, "resources", set, resource);
        if (none(amount)) yield `resources.${set}.${resource} is ${quote(amount)}. Set an amount above zero.`;
      }
    }
  },
);
