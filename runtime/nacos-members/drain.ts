import type { ClusterOptions } from "./cluster";
import { moveClients } from "./move-clients";

/** Until nodes and clients have seen that the pod has left the Service. Before, clients could come back to it. */
const OUT_OF_SERVICE_MS = 5000;
/** Clients that have not moved by then lose their connection. */
const GONE_MS = 20_000;
/** How long clients over HTTP have to see that the pod has left the Service. */
const UNANNOUNCED_MS = 15_000;
/** A client needs a moment to move. */
const POLL_MS = 2500;

/**
 * Before this pod's server ends: sends the clients to the others that can move unnoticed, and waits until they are gone. The
 * other servers keep what the rest have registered, until these have connected and registered again.
 *
 * @param others hosts of servers that they can move to
 */
export async function drain(
  { ordinal, hostOf, serverOf, pause, now }: Pick<ClusterOptions, "ordinal" | "hostOf" | "serverOf" | "pause" | "now">,
  others: readonly string[],
): Promise<void> {
  const begun = now();
  await pause(OUT_OF_SERVICE_MS);
  if (others.length === 0) return;
  const server = serverOf(hostOf(ordinal));
  const until = begun + OUT_OF_SERVICE_MS + GONE_MS;
  while (now() < until) {
    const clients = await server.movable().catch((error: NodeJS.ErrnoException) => {
      // A server that has ended has no clients. Another error says nothing.
      return error.code === "ECONNREFUSED" ? [] : undefined;
    });
    if (clients?.length === 0) break;
    await moveClients(server, clients ?? [], { to: others[0], now, until });
    await pause(POLL_MS);
  }
  await pause(Math.max(0, begun + UNANNOUNCED_MS - now()));
}
