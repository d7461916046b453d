import { at, quote, UNKNOWN } from "../../lib/read";
import { onLinuxContainers } from "../../lib/rule";

export const disallowPrivilegeEscalation = onLinuxContainers(
  {
    name: "disallow-privilege-escalation",
    severity: "critical",
    description:
      "No process in a container can gain more privileges than its parent, for example through a setuid program.",
    remediationSteps: "Set securityContext.allowPrivilegeEscalation: false on the container. Without it, it is true.",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    tags: ["pss:restricted", "cis:5.2.6", "nsa"],
  },
  function* ({ spec }) {
    const value = at(spec, "securityContext", "allowPrivilegeEscalation");
    if (value !== false && value !== UNKNOWN)
      yield `securityContext.allowPrivilegeEscalation is ${quote(value)}. Set it to false.`;
  },
);
