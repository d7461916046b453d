import type { KubernetesApi } from "../clients/kubernetes/api";
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
