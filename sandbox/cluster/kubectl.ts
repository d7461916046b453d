import { run } from "../exec";
import { Cluster } from "./cluster";

/** Runs kubectl as the cluster's administrator and returns its output. */
export type Kubectl = (args: string[], input?: string) => Promise<string>;

export function kubectlFor(cluster: Cluster, binaries: Record<string, string>): Kubectl {
  return (args, input) => run(binaries.kubectl, ["--kubeconfig", cluster.kubeconfig, ...args], { input });
}
