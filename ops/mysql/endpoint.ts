import type * as net from "node:net";
import type { StackCluster } from "../cluster";
import { openForward } from "../kubernetes/forward";
import { OBJECTS } from "./settings";
import { Refusal } from "../refusal";

/** As much of a stack as a way to its MySQL needs. */
type Endpoint = Pick<StackCluster, "stack" | "namespace" | "endpoint" | "config">;

/** Whether `mysql.endpoint` is an address on this machine, which a tunnel opens. */
export function isTunnelled({ endpoint }: Pick<Endpoint, "endpoint">): boolean {
  return endpoint.startsWith("127.0.0.1:");
}

/** Opens `mysql.endpoint`, an address on this machine that leads to the primary. The caller closes it. */
export async function openEndpoint(cluster: Endpoint): Promise<net.Server> {
  const { stack, config, namespace, endpoint } = cluster;
  if (!isTunnelled(cluster)) throw new Refusal(`mysql.endpoint of stack ${stack} is ${endpoint}, which no tunnel leads to: Pulumi goes there by itself.`);
  return openForward(config, { listen: Number(endpoint.split(":")[1]), namespace, to: { service: OBJECTS.writerService }, port: 3306 });
}
