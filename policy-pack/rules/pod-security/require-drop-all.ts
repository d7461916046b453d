import { at, items, quote, UNKNOWN } from "../../lib/read";
import { onLinuxContainers } from "../../lib/rule";

export const requireDropAll = onLinuxContainers(
  {
    name: "require-drop-all",
    severity: "critical",
    description: "Containers drop all capabilities: each one is a part of what root may do.",
    remediationSteps: "Set securityContext.capabilities.drop: [ALL]. Only NET_BIND_SERVICE may be added again.",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    tags: ["pss:restricted", "cis:5.2.8", "cis:5.2.9"],
  },
  function* ({ spec }) {
    const capabilities = at(spec, "securityContext", "capabilities");
    const [drop, add] = [items(capabilities, "drop"), items(capabilities, "add")];
    if (at(capabilities, "drop") !== UNKNOWN && !drop.includes("ALL") && !drop.includes(UNKNOWN))
      yield `securityContext.capabilities.drop is ${quote(at(capabilities, "drop"))}. Set it to ["ALL"].`;
    // Binding a port below 1024 is the one capability that the restricted standard lets a container add.
    const added = add.filter((capability) => capability !== "NET_BIND_SERVICE" && capability !== UNKNOWN);
    for (const capability of added) yield `securityContext.capabilities.add has ${quote(capability)}. Leave it out.`;
  },
);
