import { items } from "../../lib/read";
import { groupKind } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";

const HOLDERS = new Set([
  "core/Namespace",
  "core/PersistentVolume",
  "core/PersistentVolumeClaim",
  "apiextensions.k8s.io/CustomResourceDefinition",
]);

const GUARDED_BY = ["nacos-platform:tenants:Tenant"];

export const productionProtected = onStack(
  {
    name: "production-protected",
    severity: "critical",
    description:
      "In production, Pulumi refuses to delete or replace what holds data: namespaces, claims, StatefulSets with claims, and databases.",
    remediationSteps: "Set the option protect: true on the resource, and leave deleteBeforeReplace out.",
    url: "https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
    tags: ["data", "pulumi"],
    settings: {
      guardedBy: {
        type: "array",
        items: { type: "string" },
        description: "Types of components whose hooks refuse to delete data. Pulumi does not show hooks to policies.",
        default: GUARDED_BY,
      },
    },
  },
  function* (stack, { settings }): Iterable<StackFinding> {
    const { guardedBy = GUARDED_BY } = settings as { guardedBy?: readonly string[] };
    for (const resource of stack.resources) {
      const { type, opts, props, urn } = resource;
      const hasClaims =
        groupKind(resource) === "apps/StatefulSet" && items(props, "spec", "volumeClaimTemplates").length > 0;
      const isDatabase = type === "mysql:index/database:Database";
      if (guardedBy.some((component) => urn.includes(`${component}$`))) continue;
      if (!HOLDERS.has(groupKind(resource)) && !hasClaims && !isDatabase) continue;
      if (opts?.protect !== true) yield { resource, problem: "it is not protected. Set the option protect: true." };
      if (opts?.deleteBeforeReplace === true)
        yield { resource, problem: "it is deleted before it is replaced. Leave deleteBeforeReplace out." };
    }
  },
);
