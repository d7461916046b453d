import { NOT_YET_KNOWN } from "../../lib/read";
import { groupKind } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";

export const oneOwner = onStack(
  {
    name: "one-owner",
    severity: "critical",
    description:
      "No two resources are the same object: both would own its fields, and deleting one resource deletes the object of the other.",
    remediationSteps: "Give one of them another name, or remove it.",
    url: "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/",
    tags: ["pulumi"],
  },
  function* (stack): Iterable<StackFinding> {
    const first = new Map<string, string>();
    for (const resource of stack.resources) {
      const { group, kind, namespace, objectName, provider, name } = resource;
      if (group === undefined || kind.endsWith("Patch") || [namespace, objectName].includes(NOT_YET_KNOWN)) continue;
      const key = JSON.stringify([groupKind(resource), namespace, objectName, provider?.urn]);
      const other = first.get(key);
      if (other === undefined) first.set(key, name);
      else
        yield {
          resource,
          problem: `the resources "${other}" and "${name}" are both this object. Remove one, or rename it.`,
        };
    }
  },
);
