import * as pulumi from "@pulumi/pulumi";
import type { KubernetesApi } from "../clients/kubernetes/api";
import { OFFLINE } from "../contract/offline";
import { stopping } from "./update-refusal";

/** The API server of a context in the user's kubeconfig. Its library is loaded only when a hook runs: an update without changes does not need it. @throws UpdateRefusal if the kubeconfig has no such context. */
export function apiOfContext(context: string): KubernetesApi {
  // Pulumi runs the program as CommonJS, in which `import()` needs the module's file extension.
  const { apiOf, kubeconfigOf } =
    require("../clients/kubernetes/kubeconfig") as typeof import("../clients/kubernetes/kubeconfig"); // oxlint-disable-line typescript/no-require-imports
  try {
    return apiOf(kubeconfigOf(context));
  } catch (error) {
    throw stopping("CLUSTER_KUBECONFIG_INVALID", error);
  }
}

/** Whether this is a preview without a cluster, as in a pull request. An update always has one. */
export function isOffline(): boolean {
  return process.env[OFFLINE] === "true" && pulumi.runtime.isDryRun();
}

/** A hook of preview and update that asks the cluster, if there is one. */
export function askingHook(
  name: string,
  ask: (args: pulumi.ResourceHookArgs) => Promise<void> | void,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(name, (args) => (isOffline() ? undefined : ask(args)), { onDryRun: true });
}
