import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ifThere } from "../../clients/kubernetes/api";
import { apiOfContext } from "../../kube/cluster-api";

/** On the namespace: the stack that it is of. */
export const OWNER = "nacos-platform/stack";

/**
 * What is wrong with a namespace that is about to be made and is there already, or undefined if it is this stack's own,
 * from an update that was killed. Pulumi would take it over, and delete it with all that is in it when the stack is destroyed.
 */
export function namespaceProblem(namespace: string, annotations: Readonly<Record<string, string>>, stack: string): string | undefined {
  const owner = annotations[OWNER];
  if (owner === stack) return undefined;
  const found = owner === undefined ? "exists, and no stack has made it" : `belongs to stack ${owner}`;
  return `namespace ${namespace} ${found}. Choose another: pulumi config set nacos-platform:namespace NAME. Only if all that is in it may be this stack's: kubectl annotate --overwrite namespace ${namespace} ${OWNER}=${stack}`;
}

/** A hook that stops preview and update before they make a namespace that is not the stack's. */
export function ownNamespace(kubeContext: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook("look whose namespace it is", async ({ newInputs }) => {
    const { metadata: { name, annotations } } = newInputs as { metadata: { name: string; annotations: Record<string, string> } };
    const found = await ifThere(apiOfContext(kubeContext).get<{ metadata: { annotations?: Record<string, string> } }>(`/api/v1/namespaces/${name}`));
    const problem = found && namespaceProblem(name, found.metadata.annotations ?? {}, annotations[OWNER]);
    if (problem !== undefined) throw new Error(problem);
  }, { onDryRun: true });
}

/**
 * The cluster that the stack is deployed to, by the UID of its namespace kube-system. A context that has come to lead to
 * another one stops preview and update: Pulumi would believe that everything is there.
 */
export function sameCluster(name: string, kubeContext: string, opts: pulumi.CustomResourceOptions): pulumi.Stash {
  const { uid } = k8s.core.v1.Namespace.get(`${name}-system`, "kube-system", opts).metadata;
  const hook = new pulumi.ResourceHook("look whether it is the same cluster", ({ urn, oldInputs, newInputs }) => {
    const [former, now] = [oldInputs, newInputs].map((inputs) => (inputs as { input: string }).input);
    throw new Error(`the stack is deployed to another cluster than the one that context "${kubeContext}" leads to: its kube-system has UID ${former}, and here it is ${now}. Correct nacos-platform:kubeContext or KUBECONFIG. Only if that cluster is lost, and this one takes its place: pulumi up --refresh --replace '${urn}'`);
  }, { onDryRun: true });
  return new pulumi.Stash(name, { input: uid }, { ...opts, hooks: { beforeUpdate: [hook] } });
}
