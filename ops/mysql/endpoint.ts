import type * as net from "node:net";
import { OBJECTS } from "../../contract/objects";
import { MYSQL_PORT } from "../../contract/ports";
import { openForward } from "../../clients/kubernetes/forward";
import { requireOwnMySql, type StackCluster } from "../cluster";

/** Opens a port on this machine that leads to the primary. The caller closes it. @throws Refusal if no tunnel of `ops` leads to MySQL. */
export async function openEndpoint(
  cluster: Pick<StackCluster, "stack" | "namespace" | "mysql" | "config">,
  port: number,
): Promise<net.Server> {
  requireOwnMySql(
    cluster,
    "no tunnel of this project leads to it. Pulumi reaches it at the address in nacos-tenants:endpoint.",
  );
  const { config, namespace } = cluster;
  return openForward(config, { listen: port, namespace, to: { service: OBJECTS.writerService }, port: MYSQL_PORT });
}
