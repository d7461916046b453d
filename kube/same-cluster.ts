import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * The cluster that the stack is deployed to, by the UID of its namespace kube-system. A context that has come to lead to
 * another one stops preview and update: Pulumi would believe that everything is there.
 *
 * @param key where the context is configured
 */
export function sameCluster(name: string, kubeContext: string, key: string, opts: pulumi.CustomResourceOptions): pulumi.Stash {
  const { uid } = k8s.core.v1.Namespace.get(`${name}-system`, "kube-system", opts).metadata;
  const hook = new pulumi.ResourceHook("look whether it is the same cluster", ({ urn, oldInputs, newInputs }) => {
    const [former, now] = [oldInputs, newInputs].map((inputs) => (inputs as { input: string }).input);
    throw new Error(`the stack is deployed to another cluster than the one that context "${kubeContext}" leads to: its kube-system has UID ${former}, and here it is ${now}. Correct ${key} or KUBECONFIG. Only if that cluster is lost, and this one takes its place: pulumi up --refresh --replace '${urn}'`);
  }, { onDryRun: true });
  // It is of Pulumi itself, not of the provider of Kubernetes.
  return new pulumi.Stash(name, { input: uid }, { ...opts, provider: undefined, hooks: { beforeUpdate: [hook] } });
}
