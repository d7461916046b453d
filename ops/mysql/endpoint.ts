import type * as net from "node:net";
import { OBJECTS } from "../../contract/objects";
import { MYSQL_PORT } from "../../contract/ports";
import { Refusal } from "../../contract/refusal";
import { openForward } from "../../clients/kubernetes/forward";
import type { StackCluster } from "../cluster";

/** Opens a port on this machine that leads to the primary. The caller closes it. @throws Refusal if no tunnel of `ops` leads to MySQL. */
export async function openEndpoint({ stack, config, namespace, mysql: { mode } }: Pick<StackCluster, "stack" | "namespace" | "mysql" | "config">, port: number): Promise<net.Server> {
  if (mode === "external") throw new Refusal(`the MySQL of stack ${stack} is external: no tunnel of this project leads to it. Pulumi reaches it at the address in nacos-tenants:endpoint.`);
  return openForward(config, { listen: port, namespace, to: { service: OBJECTS.writerService }, port: MYSQL_PORT });
}
