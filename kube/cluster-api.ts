import type { KubernetesApi } from "../clients/kubernetes/api";

/** The API server that a context of the user's kubeconfig leads to. Its library is loaded for hooks only: an update that changes nothing does without. */
export function apiOfContext(context: string): KubernetesApi {
  // Pulumi runs the program as CommonJS, in which `import()` would look for a module with its extension.
  const { apiOf, kubeconfigOf } = require("../clients/kubernetes/kubeconfig") as typeof import("../clients/kubernetes/kubeconfig"); // eslint-disable-line @typescript-eslint/no-require-imports
  return apiOf(kubeconfigOf(context));
}
