import * as pulumi from "@pulumi/pulumi";
import { ifThere } from "../clients/kubernetes/api";
import { apiOfContext, askingHook } from "./cluster-api";
import { UpdateRefusal } from "./update-refusal";

/** Annotation of a namespace: the stack that it belongs to. */
export const OWNER = "nacos-platform/stack";

/**
 * What is wrong with a namespace that is about to be created and exists already; undefined if this stack created it in an
 * update that was killed. Pulumi would take it over, and delete it with everything in it when the stack is destroyed.
 *
 * @param choice what the stack can do instead, as sentences
 */
export function namespaceProblem(
  namespace: string,
  annotations: Readonly<Record<string, string>>,
  stack: string,
  choice: string,
): string | undefined {
  const owner = annotations[OWNER];
  if (owner === stack) return undefined;
  const found = owner === undefined ? "exists, and no stack has created it" : `belongs to stack ${owner}`;
  return `namespace ${namespace} ${found}. ${choice} Only if everything in it may belong to this stack: kubectl annotate --overwrite namespace ${namespace} ${OWNER}=${stack}`;
}

/** A hook that stops preview and update before they take over a namespace that is not the stack's. A program has one hook for all its namespaces. */
export function ownNamespace(kubeContext: string, choice: (namespace: string) => string): pulumi.ResourceHook {
  return askingHook("check who owns the namespace", async ({ newInputs }) => {
    const {
      metadata: { name, annotations },
    } = newInputs as { metadata: { name: string; annotations: Record<string, string> } };
    const found = await ifThere(
      apiOfContext(kubeContext).get<{ metadata: { annotations?: Record<string, string> } }>(
        `/api/v1/namespaces/${name}`,
      ),
    );
    const problem = found && namespaceProblem(name, found.metadata.annotations ?? {}, annotations[OWNER], choice(name));
    if (problem !== undefined) throw new UpdateRefusal("CLUSTER_NAMESPACE_FOREIGN", problem);
  });
}
