import { at, items, quote, UNKNOWN } from "../../lib/read";
import { containersOf, effective } from "../../lib/workload";
import { onPods } from "../../lib/rule";

export const requireRunAsNonRoot = onPods(
  {
    name: "require-run-as-non-root",
    severity: "critical",
    description: "No container runs as root, neither by its user nor by its groups.",
    remediationSteps: "Set securityContext.runAsNonRoot: true on the pod, and name users and groups other than 0.",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    tags: ["pss:restricted", "cis:5.2.7", "nsa"],
  },
  function* (workload) {
    if (workload.onWindows) return;
    const pod = (field: string) => at(workload.podSpec, "securityContext", field);
    for (const field of ["runAsUser", "runAsGroup", "fsGroup"]) {
      if (pod(field) === 0) yield `securityContext.${field} of the pod is 0, which is root. Name another one.`;
    }
    if (items(workload.podSpec, "securityContext", "supplementalGroups").includes(0))
      yield "securityContext.supplementalGroups of the pod has 0, which is root. Leave it out.";
    for (const container of containersOf(workload)) {
      for (const field of ["runAsUser", "runAsGroup"]) {
        if (at(container.spec, "securityContext", field) === 0)
          yield { part: container, problem: `securityContext.${field} is 0, which is root. Name another one.` };
      }
      // The container's setting overrides the pod's.
      const nonRoot = effective(container, workload, "runAsNonRoot");
      if (nonRoot === true || nonRoot === UNKNOWN) continue;
      const problem = `securityContext.runAsNonRoot is ${quote(nonRoot)}. Set it to true, on the container or on the pod.`;
      yield { part: container, problem };
    }
  },
);
