import { at, quote, UNKNOWN } from "../../lib/read";
import { onLinuxContainers } from "../../lib/rule";
import { effective } from "../../lib/workload";

export const restrictSeccomp = onLinuxContainers(
  {
    name: "restrict-seccomp",
    severity: "high",
    description: "Containers run under a seccomp profile, which refuses the system calls that they do not need.",
    remediationSteps: "Set securityContext.seccompProfile.type: RuntimeDefault on the pod.",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    tags: ["pss:restricted", "cis:5.6.2", "nsa"],
  },
  function* (container, workload) {
    const profile = effective(container, workload, "seccompProfile");
    const [type, file] = [at(profile, "type"), at(profile, "localhostProfile")];
    if (type === UNKNOWN || type === "RuntimeDefault") return;
    if (type !== "Localhost")
      yield `securityContext.seccompProfile.type is ${quote(type)}. Set it to "RuntimeDefault", on the pod or on the container.`;
    else if (file === undefined) yield "securityContext.seccompProfile.localhostProfile is not set. Name the profile.";
  },
);
