import { clusterOf, serversOf, type MySqlServers } from "../../cluster";
import { withLease } from "../../kubernetes/lease";
import type { Request } from "../../main";
import { Refusal } from "../../refusal";

/** How long the controller may take to hand over the lease: it finishes what it is at. */
const LEASE_SECONDS = 30;

/** Does something with the servers of the stack that was asked for, and closes the way to them. */
export async function withServers<T>({ stack }: Request, work: (servers: MySqlServers) => Promise<T>): Promise<T> {
  const servers = await serversOf(clusterOf(stack), (message) => console.log(message));
  try {
    return await work(servers);
  } finally {
    servers.close();
  }
}

/** Does something with the servers while holding the lease. To sign in takes as long as the controller takes to hand it over. */
export function underLease<T>({ topology, lease }: MySqlServers, work: () => Promise<T>): Promise<T> {
  for (const server of topology.servers) server.signIn().catch(() => undefined); // who does not answer, the work finds out
  return withLease(lease, LEASE_SECONDS, work);
}

/** The one server that the words name, or undefined where there is none. @throws Refusal where there are more, or it is not one of the stack. */
export function serverWord({ words }: Request, { settings }: MySqlServers): string | undefined {
  if (words.length > 1) throw new Refusal(`name one server, not ${words.join(", ")}.`);
  if (words.length === 1 && !settings.servers.includes(words[0])) throw new Refusal(`there is no server ${words[0]}; there are ${settings.servers.join(", ")}.`);
  return words.at(0);
}
