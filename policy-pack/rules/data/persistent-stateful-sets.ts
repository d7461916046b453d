import { at, items, quote, text, UNKNOWN } from "../../lib/read";
import { type Finding, onPods } from "../../lib/rule";
import { claimTemplatesOf, containersOf, type Workload } from "../../lib/workload";

export const persistentStatefulSets = onPods(
  {
    name: "persistent-stateful-sets",
    description:
      "A StatefulSet keeps its data on claims that it mounts and that outlive it; data on an emptyDir is lost with the pod, and a deleted claim cannot be recovered.",
    severity: "critical",
    remediationSteps:
      "Add volumeClaimTemplates, mount each one in a container, and set persistentVolumeClaimRetentionPolicy to whenDeleted: Retain and whenScaled: Retain. For pods without data use a Deployment.",
    tags: ["data"],
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention",
  },
  function* (workload): Iterable<Finding> {
    if (workload.kind !== "StatefulSet") return;
    yield* checkTemplates(workload);
    yield* checkRetention(workload);
  },
);

function* checkTemplates(statefulSet: Workload): Iterable<Finding> {
  const templates = claimTemplatesOf(statefulSet);
  if (at(statefulSet.props, "spec", "volumeClaimTemplates") !== UNKNOWN && templates.length === 0) {
    yield { problem: "volumeClaimTemplates is empty, so no data outlives a pod. Add a claim template for the data." };
  }
  const mounted = mountedVolumes(statefulSet);
  for (const template of templates) {
    const name = text(template, "metadata", "name");
    if (name === undefined || mounted.has(name) || mounted.has(UNKNOWN)) continue;
    yield {
      part: { kind: "claim", name },
      problem: "no container mounts it. Add a volumeMount at the path of the data.",
    };
  }
}

function mountedVolumes(workload: Workload): Set<unknown> {
  const names = containersOf(workload).flatMap(({ spec }) =>
    ["volumeMounts", "volumeDevices"].flatMap((list) =>
      at(spec, list) === UNKNOWN ? [UNKNOWN] : items(spec, list).map((mount) => at(mount, "name")),
    ),
  );
  return new Set(at(workload.podSpec, "containers") === UNKNOWN ? [UNKNOWN] : names);
}

// Kubernetes defaults to Retain. An explicit value makes a later change visible in review.
function* checkRetention({ props }: Workload): Iterable<Finding> {
  for (const field of ["whenDeleted", "whenScaled"]) {
    const value = at(props, "spec", "persistentVolumeClaimRetentionPolicy", field);
    if (value === "Retain" || value === UNKNOWN) continue;
    yield { problem: `persistentVolumeClaimRetentionPolicy.${field} is ${quote(value)}. Set it to "Retain".` };
  }
}
