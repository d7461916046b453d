import * as pulumi from "@pulumi/pulumi";
import { Commands } from "../../config/commands";
import type { KubernetesApi } from "../../clients/kubernetes/api";
import { apiOfContext, askingHook } from "../../kube/cluster-api";
import { UpdateRefusal } from "../../kube/update-refusal";

/** The reason why a tenant's namespace may not be deleted, or undefined if it may. */
export function deletionProblem(
  tenant: string,
  claims: readonly string[],
  deletable: readonly string[],
): string | undefined {
  if (claims.length === 0 || deletable.includes(tenant)) return undefined;
  const [noun, word] = claims.length === 1 ? ["PersistentVolumeClaim", "it"] : ["PersistentVolumeClaims", "them"];
  const consent = new Commands(pulumi.getProject()).set("deletable", JSON.stringify([...deletable, tenant]));
  return `namespace ${tenant} would be deleted with ${noun} ${claims.join(", ")}. Restore the configuration of tenant ${tenant}, or delete ${word} first. To consent to the loss: ${consent}`;
}

/** Names of the claims in a namespace. */
export async function claimsIn(api: Pick<KubernetesApi, "get">, namespace: string): Promise<string[]> {
  const { items } = await api.get<{ items: { metadata: { name: string } }[] }>(
    `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
  );
  return items.map(({ metadata }) => metadata.name);
}

/**
 * A hook that stops preview and update before they delete a tenant's namespace that has claims. It runs when its resource is
 * no longer in the program. So it has the same name in every run, and every run registers it: docs/decisions/0005-deletion.md.
 */
export function keepClaims(kubeContext: string, deletable: readonly string[]): pulumi.ResourceHook {
  return askingHook("check if a tenant's claims would be deleted", async ({ oldInputs }) => {
    const { metadata, input } = oldInputs as { metadata?: { name: string }; input?: { namespace: string } };
    const namespace = metadata?.name ?? input?.namespace;
    if (namespace === undefined) throw new Error("the hook received no namespace");
    const problem = deletionProblem(namespace, await claimsIn(apiOfContext(kubeContext), namespace), deletable);
    if (problem !== undefined) throw new UpdateRefusal("TENANTS_CLAIMS_WOULD_BE_LOST", problem);
  });
}

/**
 * Depends on everything of a tenant, so Pulumi deletes it first. If the hook refuses, the tenant still has its accounts and
 * policies.
 */
export function guard(
  name: string,
  namespace: string,
  tenant: pulumi.Resource,
  beforeDeletion: pulumi.ResourceHook,
): pulumi.Stash {
  return new pulumi.Stash(
    name,
    { input: { namespace } },
    { dependsOn: tenant, hooks: { beforeDelete: [beforeDeletion] } },
  );
}
