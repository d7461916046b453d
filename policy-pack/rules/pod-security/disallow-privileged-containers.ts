import { at } from "../../lib/read";
import { containersOf } from "../../lib/workload";
import { onPods } from "../../lib/rule";

export const disallowPrivilegedContainers = onPods(
  {
    name: "disallow-privileged-containers",
    severity: "critical",
    description: "No container is privileged: a privileged one is root on its node.",
    remediationSteps: "Leave securityContext.privileged and windowsOptions.hostProcess out.",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
    tags: ["pss:baseline", "cis:5.2.2", "cis:5.2.10", "nsa"],
  },
  function* (workload) {
    if (at(workload.podSpec, "securityContext", "windowsOptions", "hostProcess") === true)
      yield "securityContext.windowsOptions.hostProcess of the pod is true. Leave it out.";
    for (const container of containersOf(workload)) {
      for (const path of [["privileged"], ["windowsOptions", "hostProcess"]]) {
        if (at(container.spec, "securityContext", ...path) === true)
          yield { part: container, problem: `securityContext.${path.join(".")} is true. Leave it out.` };
      }
    }
  },
);
