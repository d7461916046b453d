import { run } from "../exec";
import { Cluster } from "./cluster";

/** Runs kubectl as the cluster's administrator and returns its output. */
export type Kubectl = (args: string[], input?: string) => Promise<string>;

export function kubectlFor(cluster: Cluster, binaries: Record<string, string>): Kubectl {
  return (args, input) => run(binaries.kubectl, ["--kubeconfig", cluster.kubeconfig, ...args], { input });
}

/**
 * Applies manifests, and overwrites changes that others have made to the objects. The server does the work: on the client's
 * side, the schemas already take seconds of CPU time.
 */
export async function apply(kubectl: Kubectl, manifests: string): Promise<void> {
  await kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], manifests);
}

/** Reads one key of a Secret. */
export async function readSecret(kubectl: Kubectl, namespace: string, name: string, key: string): Promise<string> {
  const { data } = JSON.parse(await kubectl(["--namespace", namespace, "get", "secret", name, "-o", "json"])) as {
    data?: Record<string, string>;
  };
  if (data?.[key] === undefined) throw new Error(`Secret ${namespace}/${name} has no key ${key}`);
  return Buffer.from(data[key], "base64").toString();
}
