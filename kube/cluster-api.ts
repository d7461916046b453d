import type { KubernetesApi } from "../clients/kubernetes/api";

/** The API server of a context in the user's kubeconfig. Its library is loaded only when a hook runs: an update without changes does not need it. */
export function apiOfContext(context: string): KubernetesApi {
  // Pulumi runs the program as CommonJS, in which `import()` needs the module's file extension.
  const { apiOf, kubeconfigOf } =
    require("../clients/kubernetes/kubeconfig") as typeof import("../clients/kubernetes/kubeconfig"); // eslint-disable-line @typescript-eslint/no-require-imports
  return apiOf(kubeconfigOf(context));
}
