import { at, items, nameIn, quote, UNKNOWN } from "../../lib/read";
import { groupKind } from "../../lib/resource";
import type { Finding, Rule } from "../../lib/rule";
import { claimTemplatesOf } from "../../lib/workload";

export const explicitStorage: Rule = {
  name: "explicit-storage",
  severity: "high",
  description:
    "Claims name their class, size and access; the cluster's default class is another one in each cluster. Classes say how they reclaim, and let volumes grow.",
  remediationSteps:
    "Set storageClassName, resources.requests.storage and accessModes on claims; reclaimPolicy and allowVolumeExpansion: true on classes.",
  url: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims",
  tags: ["data"],
  resource: function* (resource): Iterable<Finding | string> {
    const { props } = resource;
    if (groupKind(resource) === "core/PersistentVolumeClaim") yield* ofClaim(at(props, "spec"));
    if (groupKind(resource) === "apps/StatefulSet") {
      for (const template of claimTemplatesOf(resource)) {
        const part = { kind: "claim", name: nameIn(template, "metadata", "name") };
        for (const problem of ofClaim(at(template, "spec"))) yield { part, problem };
      }
    }
    if (groupKind(resource) !== "storage.k8s.io/StorageClass") return;
    if (at(props, "reclaimPolicy") === undefined)
      yield 'reclaimPolicy is not set, which means "Delete". Say which one is meant.';
    const grows = at(props, "allowVolumeExpansion");
    if (grows !== true && grows !== UNKNOWN) yield `allowVolumeExpansion is ${quote(grows)}. Set it to true.`;
    if ((at(props, "volumeBindingMode") ?? "Immediate") === "Immediate") {
      const problem =
        'volumeBindingMode is "Immediate", so a volume may be in a zone without room for its pod. Set "WaitForFirstConsumer".';
      yield { problem, advisory: true };
    }
  },
};

function* ofClaim(spec: unknown): Iterable<string> {
  if (spec === UNKNOWN) return;
  const name = at(spec, "storageClassName");
  // An empty name stands for a volume that exists already, if it is named.
  if (name === undefined || (name === "" && at(spec, "volumeName") === undefined))
    yield `storageClassName is ${quote(name)}. Name a class.`;
  if (at(spec, "resources", "requests", "storage") === undefined)
    yield "resources.requests.storage is not set. Set a size.";
  if (at(spec, "accessModes") !== UNKNOWN && items(spec, "accessModes").length === 0)
    yield 'accessModes is not set. Set one, such as "ReadWriteOnce".';
}
