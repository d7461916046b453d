import type * as net from "node:net";
import type { StackCluster } from "../cluster";
import { openForward } from "../kubernetes/forward";
import { OBJECTS } from "./settings";
import { Refusal } from "./refusal";

/** Opens `mysql.endpoint`, an address on this machine that leads to the primary. The caller closes it. */
export function openEndpoint({ stack, config, namespace, endpoint }: StackCluster): Promise<net.Server> {
  const [host, port] = endpoint.split(":");
  if (host !== "127.0.0.1") throw new Refusal(`mysql.endpoint of stack ${stack} is ${endpoint}, which no tunnel leads to: Pulumi goes there by itself.`);
  return openForward(config, { listen: Number(port), namespace, to: { service: OBJECTS.writerService }, port: 3306 });
}
