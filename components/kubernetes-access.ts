import type * as apiModule from "../ops/kubernetes/api";
import type * as kubeconfigModule from "../ops/kubernetes/kubeconfig";
import type * as rolloutModule from "../ops/kubernetes/rollout";

/**
 * With what hooks ask the cluster. It is loaded when the first one runs, because an update that changes nothing does
 * without; by require, because the program's loader leaves import() to Node.js, which cannot find TypeScript.
 */
export function kubernetesAccess(): typeof apiModule & typeof kubeconfigModule & typeof rolloutModule {
  /* eslint-disable @typescript-eslint/no-require-imports */
  return {
    ...require("../ops/kubernetes/api") as typeof apiModule,
    ...require("../ops/kubernetes/kubeconfig") as typeof kubeconfigModule,
    ...require("../ops/kubernetes/rollout") as typeof rolloutModule,
  };
  /* eslint-enable @typescript-eslint/no-require-imports */
}
