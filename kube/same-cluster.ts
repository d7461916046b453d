import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isOffline } from "./cluster-api";
import { UpdateRefusal } from "./update-refusal";

/**
 * Records the cluster that the stack is deployed to, by the UID of its namespace kube-system. If the context now leads to
 * another cluster, preview and update stop: Pulumi would assume that all objects exist there.
 *
 * @param key configuration key of the context, for the message
 */
export function sameCluster(
  name: string,
  kubeContext: string,
  key: string,
  opts: pulumi.CustomResourceOptions,
): pulumi.Stash {
  const uid = isOffline()
    ? "unknown in a preview without a cluster"
    : k8s.core.v1.Namespace.get(`${name}-system`, "kube-system", opts).metadata.uid;
  const hook = new pulumi.ResourceHook(
    "check if it is the same cluster",
    ({ urn, oldInputs, newInputs }) => {
      const [former, now] = [oldInputs, newInputs].map((inputs) => (inputs as { input: string }).input);
      throw new UpdateRefusal(
        "CLUSTER_OTHER_THAN_DEPLOYED",
        `context "${kubeContext}" leads to another cluster than the one that the stack is deployed to: its kube-system has UID ${now}, and that of the stack's cluster has UID ${former}. Correct ${key} or KUBECONFIG. Only if the stack's cluster is lost, and this one replaces it: pulumi up --refresh --replace '${urn}'`,
      );
    },
    { onDryRun: true },
  );
  // A Stash belongs to Pulumi itself, not to the Kubernetes provider.
  return new pulumi.Stash(name, { input: uid }, { ...opts, provider: undefined, hooks: { beforeUpdate: [hook] } });
}
