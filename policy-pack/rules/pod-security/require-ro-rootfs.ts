import { at, quote, UNKNOWN } from "../../lib/read";
import { onLinuxContainers } from "../../lib/rule";

export const requireReadOnlyRootFilesystem = onLinuxContainers(
  {
    name: "require-ro-rootfs",
    severity: "high",
    description:
      "The root filesystem of a container is read-only, so that an attacker in it cannot replace its programs.",
    remediationSteps: "Set securityContext.readOnlyRootFilesystem: true. Mount an emptyDir where the process writes.",
    url: "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    tags: ["nsa"],
  },
  function* ({ kind, spec }) {
    const value = at(spec, "securityContext", "readOnlyRootFilesystem");
    if (kind !== "ephemeral container" && value !== true && value !== UNKNOWN)
      yield `securityContext.readOnlyRootFilesystem is ${quote(value)}. Set it to true.`;
  },
);
