import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { at, quote, text, UNKNOWN } from "../lib/read";
import { configSchema, type Finding, report } from "../lib/rule";
import { claimTemplatesOf, type StatefulSet, statefulSetOf } from "../lib/stateful-set";

export const retainedStorageClass: StackValidationPolicy = {
  name: "retained-storage-class",
  description:
    "A StorageClass of the stack that a StatefulSet's claim names retains its volumes; with Delete, the default, the data is deleted together with the claim.",
  severity: "critical",
  remediationSteps:
    "Set reclaimPolicy: Retain on the StorageClass. It cannot be changed on an existing class: create a new one and name that in the claim template.",
  tags: ["data"],
  url: "https://kubernetes.io/docs/concepts/storage/storage-classes/#reclaim-policy",
  configSchema,
  validateStack: (args, reportViolation) => {
    const reclaimPolicies = reclaimPoliciesOf(args.resources);
    for (const { type, props, name, urn } of args.resources) {
      const statefulSet = statefulSetOf(type, props, name);
      if (statefulSet) report(statefulSet, checkClasses(statefulSet, reclaimPolicies), args, reportViolation, urn);
    }
  },
};

// Pulumi shows stack policies what the stack manages, not what it only reads with StorageClass.get.
function reclaimPoliciesOf(resources: PolicyResource[]): Map<string, unknown> {
  const policies = new Map<string, unknown>();
  for (const { type, props } of resources) {
    const name = text(props, "metadata", "name");
    if (!/^kubernetes:storage\.k8s\.io\/v\w+:StorageClass$/.test(type) || name === undefined) continue;
    policies.set(name, at(props, "reclaimPolicy"));
  }
  return policies;
}

function* checkClasses(statefulSet: StatefulSet, reclaimPolicies: Map<string, unknown>): Iterable<Finding> {
  const templates = claimTemplatesOf(statefulSet);
  for (const template of templates === UNKNOWN ? [] : templates) {
    const className = text(template, "spec", "storageClassName");
    if (className === undefined || !reclaimPolicies.has(className)) continue;
    const policy = reclaimPolicies.get(className);
    if (policy === "Retain" || policy === UNKNOWN) continue;
    yield {
      part: { kind: "claim", name: text(template, "metadata", "name") ?? "" },
      problem: `reclaimPolicy of StorageClass "${className}" is ${quote(policy)}. Name a class whose reclaimPolicy is "Retain".`,
    };
  }
}
