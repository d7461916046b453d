import * as pulumi from "@pulumi/pulumi";
import { Commands } from "../../config/commands";
import type { KubernetesApi } from "../../clients/kubernetes/api";
import { apiOfContext } from "../../kube/cluster-api";

/** What is said of a tenant whose namespace is about to be deleted, or undefined if it may be. */
export function deletionProblem(tenant: string, claims: readonly string[], deletable: readonly string[]): string | undefined {
  if (claims.length === 0 || deletable.includes(tenant)) return undefined;
  const [noun, word] = claims.length === 1 ? ["PersistentVolumeClaim", "it"] : ["PersistentVolumeClaims", "them"];
  const consent = new Commands(pulumi.getProject()).set("deletable", JSON.stringify([...deletable, tenant]));
  return `namespace ${tenant} would be deleted with ${noun} ${claims.join(", ")}. Put tenant ${tenant} back as it was, or delete ${word} first. To consent to the loss: ${consent}`;
}

/** Names of the claims in a namespace. */
export async function claimsIn(api: Pick<KubernetesApi, "get">, namespace: string): Promise<string[]> {
  const { items } = await api.get<{ items: { metadata: { name: string } }[] }>(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`);
  return items.map(({ metadata }) => metadata.name);
}

/**
 * A hook that stops preview and update before they delete a tenant's namespace with claims in it. It runs when its resource
 * is no longer in the program, so it has the same name in every run, and every run registers it: docs/decisions/0005-deletion.md.
 */
export function keepClaims(kubeContext: string, deletable: readonly string[]): pulumi.ResourceHook {
  return new pulumi.ResourceHook("check if a tenant's claims would be deleted", async ({ oldInputs }) => {
    const { metadata, input } = oldInputs as { metadata?: { name: string }; input?: { namespace: string } };
    const namespace = metadata?.name ?? input?.namespace;
    if (namespace === undefined) throw new Error("whose namespace this is, is not known");
    const problem = deletionProblem(namespace, await claimsIn(apiOfContext(kubeContext), namespace), deletable);
    if (problem !== undefined) throw new Error(problem);
  }, { onDryRun: true });
}

/**
 * Waits for everything that a tenant has, so Pulumi deletes it before all of that: a refusal by the hook leaves the tenant as
 * it was, not without its accounts and its policies.
 */
export function guard(name: string, namespace: string, tenant: pulumi.Resource, beforeDeletion: pulumi.ResourceHook): pulumi.Stash {
  return new pulumi.Stash(name, { input: { namespace } }, { dependsOn: tenant, hooks: { beforeDelete: [beforeDeletion] } });
}
