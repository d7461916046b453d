import { clusterOf, serversOf, type MySqlServers } from "../../cluster";
import { withLease } from "../../../clients/kubernetes/lease";
import { Refusal } from "../../../contract/refusal";

/** How long the controller may take to hand over the lease: it finishes its current step. */
const LEASE_SECONDS = 30;

/** Does something with the servers of a stack, and closes the tunnels to them. */
export async function withServers<T>(stack: string, work: (servers: MySqlServers) => Promise<T>): Promise<T> {
  const servers = await serversOf(clusterOf(stack), (message) => console.log(message));
  try {
    return await work(servers);
  } finally {
    servers.close();
  }
}

/** Does something with the servers while holding the lease. The logins run while the controller hands it over. */
export function underLease<T>({ topology, lease }: MySqlServers, work: () => Promise<T>): Promise<T> {
  for (const server of topology.servers) server.signIn().catch(() => undefined); // the work itself notices a server that does not answer
  return withLease(lease, LEASE_SECONDS, work);
}

/** @throws Refusal if the stack has no server of that name. */
export function requireKnown({ settings }: MySqlServers, server: string | undefined): void {
  if (server !== undefined && !settings.servers.includes(server))
    throw new Refusal("USAGE_VALUE_INVALID", `there is no server ${server}; there are ${settings.servers.join(", ")}.`);
}
