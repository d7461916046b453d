import { at, nameIn, quote, text, UNKNOWN } from "../../lib/read";
import { onStack, type StackFinding } from "../../lib/rule";
import { claimTemplatesOf } from "../../lib/workload";

export const retainedStorageClass = onStack(
  {
    name: "retained-storage-class",
    severity: "critical",
    description:
      "A StorageClass of the stack that a claim names retains its volumes, and so does a PersistentVolume; with Delete, the default of classes, the data is deleted together with the claim.",
    remediationSteps:
      "Set reclaimPolicy: Retain on the StorageClass. It cannot be changed on an existing class: create a new one and name that in the claim.",
    url: "https://kubernetes.io/docs/concepts/storage/storage-classes/#reclaim-policy",
    tags: ["data"],
  },
  function* (stack): Iterable<StackFinding> {
    for (const resource of stack.all("core/PersistentVolumeClaim")) {
      const problem = problemOf(resource.props);
      if (problem !== undefined) yield { resource, problem };
    }
    for (const resource of stack.all("apps/StatefulSet")) {
      for (const template of claimTemplatesOf(resource)) {
        const problem = problemOf(template);
        if (problem !== undefined)
          yield { resource, part: { kind: "claim", name: nameIn(template, "metadata", "name") }, problem };
      }
    }
    for (const resource of stack.all("core/PersistentVolume")) {
      const policy = at(resource.props, "spec", "persistentVolumeReclaimPolicy");
      if (policy === "Delete" || policy === "Recycle")
        yield { resource, problem: `persistentVolumeReclaimPolicy is ${quote(policy)}. Set it to "Retain".` };
    }

    function problemOf(claim: unknown): string | undefined {
      const name = text(claim, "spec", "storageClassName");
      const found = name === undefined ? undefined : stack.find("storage.k8s.io/StorageClass", "", name);
      if (found === undefined || found === UNKNOWN) return undefined;
      const policy = at(found.props, "reclaimPolicy");
      if (policy === "Retain" || policy === UNKNOWN) return undefined;
      return `reclaimPolicy of StorageClass "${name}" is ${quote(policy)}. Name a class whose reclaimPolicy is "Retain".`;
    }
  },
);
