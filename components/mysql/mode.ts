import * as pulumi from "@pulumi/pulumi";
import { ifThere } from "../../clients/kubernetes/api";
import { apiOfContext } from "../../kube/cluster-api";

type Mode = "cluster" | "external";

/** What is said of a stack that is to have its MySQL elsewhere than it has. */
function moved(former: Mode, wanted: Mode): Error {
  return new Error(`mysql.mode is ${wanted}, and the stack was deployed with ${former}: its databases would stay behind. Set it back: pulumi config set --path nacos-platform:mysql.mode ${former}. To move, deploy another stack with ${wanted}, and publish the configurations there`);
}

/**
 * Where MySQL of a deployed stack runs. Another place stops preview and update: servers and accounts would be made there under
 * names that the former ones have, and the databases would stay behind.
 */
export function sameMode(name: string, mode: Mode, { namespace, kubeContext }: { readonly namespace: string; readonly kubeContext: string }): pulumi.Stash {
  const changed = new pulumi.ResourceHook("look whether MySQL is to run elsewhere", ({ oldInputs, newInputs }) => {
    const [former, wanted] = [oldInputs, newInputs].map((inputs) => (inputs as { input: Mode }).input);
    throw moved(former, wanted);
  }, { onDryRun: true });
  // A stack from before this was noted is known by its servers.
  const unnoted = new pulumi.ResourceHook("look whether MySQL runs in the cluster already", async () => {
    const servers = mode === "external" && (await ifThere(apiOfContext(kubeContext).get(`/apis/apps/v1/namespaces/${namespace}/statefulsets/mysql`)));
    if (servers) throw moved("cluster", mode);
  }, { onDryRun: true });
  return new pulumi.Stash(name, { input: mode }, { hooks: { beforeCreate: [unnoted], beforeUpdate: [changed] } });
}
