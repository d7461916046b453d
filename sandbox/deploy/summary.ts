import { configApi } from "../../contract/nacos-api";
import { Cluster } from "../cluster/cluster";
import { Options } from "../options";
import type { PlatformOutputs as Outputs } from "../../contract/outputs";
import { Ports } from "./ports";

/** What `make up` ends with: what runs where, two curl lines to try it, and the commands that come next. */
export function summary(
  cluster: Cluster,
  options: Options,
  outputs: Outputs,
  ports: Ports,
  curlConfig: string,
): string {
  const rows = [
    [
      "Nacos",
      `http://127.0.0.1:${ports.nacos}/nacos`,
      `${outputs.nacos.replicas} × ${outputs.nacos.version}, gRPC on ${ports.nacosGrpc}; user in Secret ${outputs.secrets.nacosAdmin}`,
    ],
    ["Console", `http://127.0.0.1:${ports.console}/`, ""],
    ["MySQL", `127.0.0.1:${ports.mysql}`, `database ${outputs.mysql.database}`],
    [
      "Kubernetes API",
      `https://127.0.0.1:${cluster.spec.apiPort}`,
      `${cluster.spec.nodes} node(s), KUBECONFIG=${cluster.kubeconfig}`,
    ],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const api = configApi(outputs.nacos.version);
  const base = `http://127.0.0.1:${ports.nacos}`;
  const words = [
    ...(options.stack === "dev" ? [] : [`STACK=${options.stack}`]),
    ...(options.name === options.stack ? [] : [`NAME=${options.name}`]),
  ]
    .map((word) => ` ${word}`)
    .join("");
  return `
Stack "${options.stack}" runs in namespace ${outputs.namespace} of cluster "${cluster.spec.name}":

${rows.map((row) => `  ${row[0].padEnd(widths[0])}  ${row[1].padEnd(widths[1])}  ${row[2]}`.trimEnd()).join("\n")}

Publish a configuration and read it back:

  curl -K ${curlConfig} -X POST '${base}${api.publish}' -d dataId=hello -d ${api.group}=DEFAULT_GROUP -d content=world
  curl -K ${curlConfig} '${base}${api.read}?dataId=hello&${api.group}=DEFAULT_GROUP'

Next: make status${words} | make shell${words} | make logs${words} | make down${words}`;
}
