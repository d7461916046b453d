import type * as net from "node:net";
import { OBJECTS } from "../../contract/objects";
import type { StackCluster } from "../cluster";
import { openForward } from "../../clients/kubernetes/forward";
import { Refusal } from "../../contract/refusal";

/** The part of a stack that is needed to reach its MySQL. */
type Endpoint = Pick<StackCluster, "stack" | "namespace" | "mysql" | "config">;

/** Whether a tunnel of `ops` leads to MySQL. */
export function isTunnelled({ mysql: { mode } }: Pick<Endpoint, "mysql">): boolean {
  return mode === "cluster";
}

/** Opens `mysql.endpoint`, an address on this machine that leads to the primary. The caller closes it. */
export async function openEndpoint(cluster: Endpoint): Promise<net.Server> {
  const { stack, config, namespace, mysql: { endpoint } } = cluster;
  if (!isTunnelled(cluster)) throw new Refusal(`the MySQL of stack ${stack} is external: no tunnel of this project leads to it. Pulumi reaches it at mysql.endpoint, ${endpoint}.`);
  return openForward(config, { listen: Number(endpoint.split(":")[1]), namespace, to: { service: OBJECTS.writerService }, port: 3306 });
}
