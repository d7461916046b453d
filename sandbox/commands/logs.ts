import * as fs from "node:fs";
import * as path from "node:path";
import { requireCluster } from "../cluster/cluster";
import { kubectlFor } from "../cluster/kubectl";
import { Options } from "../options";
import { loadSession } from "./session";

/** Prints the last lines of every pod of the stacks, and where the cluster's own logs are. */
export async function logs(options: Options): Promise<void> {
  const cluster = requireCluster(options.name);
  const kubectl = kubectlFor(cluster, loadSession(cluster).binaries);
  const namespaces = (await kubectl(["get", "namespaces", "-l", "app.kubernetes.io/part-of=nacos-platform", "-o", "jsonpath={.items[*].metadata.name}"])).split(" ");
  for (const namespace of namespaces.filter((name) => name !== "")) {
    console.log(await kubectl(["--namespace", namespace, "logs", "--selector", "app.kubernetes.io/part-of=nacos-platform", "--all-containers", "--prefix", "--tail=20"]));
  }
  console.log(`Logs of the cluster's own processes, in ${cluster.logDir}:`);
  for (const file of fs.readdirSync(cluster.logDir)) console.log(`  ${path.basename(file)}`);
}
