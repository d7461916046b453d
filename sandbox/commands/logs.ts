import * as fs from "node:fs";
import { requireCluster } from "../cluster/cluster";
import { kubectlFor } from "../cluster/kubectl";
import { UserError } from "../errors";
import { Options } from "../options";
import { loadSession } from "./session";

/** Prints where the cluster's own logs are, then the last lines of every container of the stacks. */
export async function logs(options: Options): Promise<void> {
  const cluster = requireCluster(options.name);
  const { binaries } = loadSession(cluster);
  console.log(
    `Logs of the cluster's own processes, in ${cluster.logDir}:\n  ${fs.readdirSync(cluster.logDir).join("\n  ")}\n`,
  );
  const kubectl = kubectlFor(cluster, binaries);
  const selector = ["--selector", "app.kubernetes.io/part-of=nacos-platform"];
  const namespaces = await kubectl([
    "get",
    "namespaces",
    ...selector,
    "-o",
    "jsonpath={.items[*].metadata.name}",
  ]).catch(() => {
    throw new UserError(
      `the API server of cluster "${cluster.spec.name}" does not answer; \`make status\` shows what has died.`,
    );
  });
  for (const namespace of namespaces.split(" ").filter((name) => name !== "")) {
    console.log(
      await kubectl([
        "--namespace",
        namespace,
        "logs",
        ...selector,
        "--all-containers",
        "--ignore-errors",
        "--prefix",
        "--tail=20",
      ]),
    );
  }
}
