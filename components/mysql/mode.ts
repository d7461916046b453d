import * as pulumi from "@pulumi/pulumi";
import { ifThere } from "../../clients/kubernetes/api";
import { apiOfContext, askingHook } from "../../kube/cluster-api";
import { UpdateRefusal } from "../../kube/update-refusal";

type Mode = "cluster" | "external";

/** The error of a deployed stack whose `mysql.mode` has changed. */
function moved(former: Mode, wanted: Mode): UpdateRefusal {
  return new UpdateRefusal(
    "MYSQL_MODE_CHANGED",
    `mysql.mode is ${wanted}, and the stack was deployed with ${former}: its databases would not move. Set it back: pulumi config set --path nacos-platform:mysql.mode ${former}. To move, deploy another stack with ${wanted}, and publish the configurations there`,
  );
}

/**
 * Records the mode of a deployed stack. Another mode stops preview and update: the new servers and accounts would get names
 * that the previous ones have, and the databases would not move.
 */
export function sameMode(
  name: string,
  mode: Mode,
  { namespace, kubeContext }: { readonly namespace: string; readonly kubeContext: string },
): pulumi.Stash {
  const changed = new pulumi.ResourceHook(
    "check if mysql.mode changes",
    ({ oldInputs, newInputs }) => {
      const [former, wanted] = [oldInputs, newInputs].map((inputs) => (inputs as { input: Mode }).input);
      throw moved(former, wanted);
    },
    { onDryRun: true },
  );
  // A stack that was deployed before its mode was recorded is recognized by its servers.
  const unnoted = askingHook("check if MySQL runs in the cluster already", async () => {
    const servers =
      mode === "external" &&
      (await ifThere(apiOfContext(kubeContext).get(`/apis/apps/v1/namespaces/${namespace}/statefulsets/mysql`)));
    if (servers) throw moved("cluster", mode);
  });
  return new pulumi.Stash(name, { input: mode }, { hooks: { beforeCreate: [unnoted], beforeUpdate: [changed] } });
}
