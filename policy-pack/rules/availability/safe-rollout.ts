import { at, items, quote, UNKNOWN } from "../../lib/read";
import { type Finding, onKinds } from "../../lib/rule";
import { replicasOf, workloadOf } from "../../lib/workload";

export const safeRollout = onKinds(
  {
    name: "safe-rollout",
    severity: "medium",
    description: "An update replaces pods one after the other, can be taken back, and does not stop half-way.",
    remediationSteps:
      "Use RollingUpdate with maxUnavailable of at most 25%, keep some revisions, and leave paused, OnDelete and partition out.",
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
    tags: ["reliability"],
  },
  ["apps/Deployment", "apps/StatefulSet", "apps/DaemonSet"],
  function* (resource): Iterable<Finding | string> {
    const { kind, props } = resource;
    const read = (...path: string[]) => at(props, "spec", ...path);
    if (kind === "Deployment")
      yield* ofDeployment(props, replicasOf(resource), hasClaims(workloadOf(resource)?.podSpec));
    if (kind !== "Deployment" && read("updateStrategy", "type") === "OnDelete")
      yield 'updateStrategy.type is "OnDelete", so nobody replaces its pods. Set "RollingUpdate".';
    const partition = read("updateStrategy", "rollingUpdate", "partition");
    if (typeof partition === "number" && partition > 0)
      yield {
        problem: `updateStrategy.rollingUpdate.partition is ${partition}: pods below that are not updated.`,
        advisory: true,
      };
    if (read("revisionHistoryLimit") === 0)
      yield "revisionHistoryLimit is 0, so no update can be taken back. Set 1 or more.";
    const minReady = read("minReadySeconds");
    const deadline = read("progressDeadlineSeconds") ?? 600;
    if (kind === "Deployment" && typeof minReady === "number" && typeof deadline === "number" && deadline <= minReady)
      yield `progressDeadlineSeconds is ${deadline}, not more than minReadySeconds (${minReady}). Set more.`;
  },
);

function* ofDeployment(
  props: unknown,
  replicas: number | typeof UNKNOWN,
  claims: boolean | typeof UNKNOWN,
): Iterable<string> {
  if (at(props, "spec", "paused") === true) yield "paused is true, so it is not updated. Leave it out.";
  // Two pods cannot share a volume of one node: then the old one has to end first.
  if (at(props, "spec", "strategy", "type") === "Recreate" && claims === false)
    yield 'strategy.type is "Recreate", so nobody serves during an update. Set "RollingUpdate".';
  const most = at(props, "spec", "strategy", "rollingUpdate", "maxUnavailable") ?? "25%";
  const share = typeof most === "string" && /^\d+%$/.test(most) ? parseInt(most, 10) / 100 : undefined;
  if (most === UNKNOWN || replicas === UNKNOWN) return;
  // Kubernetes rounds a percentage down.
  const down = share === undefined ? Number(most) : Math.floor(share * replicas);
  if ((share ?? 0) > 0.25 || (replicas > 0 && down >= replicas))
    yield `strategy.rollingUpdate.maxUnavailable is ${quote(most)} of ${replicas}. Set at most 25%.`;
}

function hasClaims(podSpec: unknown): boolean | typeof UNKNOWN {
  const volumes = items(podSpec, "volumes");
  if (at(podSpec, "volumes") === UNKNOWN || volumes.includes(UNKNOWN)) return UNKNOWN;
  return volumes.some((volume) => at(volume, "persistentVolumeClaim") !== undefined);
}
