import { at } from "../../lib/read";
import { onContainers } from "../../lib/rule";
import type { Container, Workload } from "../../lib/workload";

const purposes = {
  readinessProbe: "it keeps clients away from a pod that cannot serve",
  livenessProbe: "it restarts a process that hangs",
  startupProbe: "it keeps the liveness probe from ending a long start or recovery",
};

export const probesRequired = onContainers(
  {
    name: "probes-required",
    severity: "high",
    description:
      "Every long-running container has readiness and liveness probes, and in a StatefulSet a startup probe; without them clients reach pods that cannot serve, and hung processes are not restarted.",
    remediationSteps:
      "Add the missing readinessProbe, livenessProbe or startupProbe to the container. A sidecar, an init container that keeps running, needs a readiness or a liveness probe.",
    url: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
    tags: ["reliability"],
  },
  function* (container, workload) {
    if (!runsForGood(workload)) return;
    const has = (probe: string) => at(container.spec, probe) !== undefined;
    // A sidecar may only support the main container, so readiness may mean nothing for it: one of the two is enough.
    if (container.sidecar && !has("readinessProbe") && !has("livenessProbe")) {
      yield "a sidecar has neither readinessProbe nor livenessProbe. Add one of them.";
    }
    for (const probe of probesOf(container, workload)) {
      if (!has(probe)) yield `${probe} is not set. Add one: ${purposes[probe]}.`;
    }
  },
);

function probesOf({ kind }: Container, workload: Workload): (keyof typeof purposes)[] {
  if (kind !== "container") return [];
  const always: (keyof typeof purposes)[] = ["readinessProbe", "livenessProbe"];
  return workload.kind === "StatefulSet" ? [...always, "startupProbe"] : always;
}

// The default is Always. A restart policy that is not known yet is evaluated at the update.
function runsForGood({ kind, podSpec }: Workload): boolean {
  return kind !== "Job" && kind !== "CronJob" && (at(podSpec, "restartPolicy") ?? "Always") === "Always";
}
