import type { ClusterOptions } from "./cluster";

/** Until nodes and clients have seen that the pod has left the Service. Before, clients could come back to it. */
const OUT_OF_SERVICE_MS = 5000;
/** Clients that have not moved by then lose their connection. */
const GONE_MS = 20_000;
/** How long clients over HTTP have to see that the pod has left the Service. */
const UNANNOUNCED_MS = 15_000;
const POLL_MS = 1000;

/**
 * Before this pod's server ends: sends the clients to the others that can move unnoticed, and waits until they are gone. The
 * other servers keep what the rest have registered, until these have connected and registered again.
 *
 * @param hasOthers whether there is a server that they could move to
 */
export async function drain(
  { ordinal, hostOf, serverOf, pause }: Pick<ClusterOptions, "ordinal" | "hostOf" | "serverOf" | "pause">,
  hasOthers: boolean,
): Promise<void> {
  await pause(OUT_OF_SERVICE_MS);
  if (!hasOthers) return;
  const server = serverOf(hostOf(ordinal));
  let waited = OUT_OF_SERVICE_MS;
  for (; waited < OUT_OF_SERVICE_MS + GONE_MS; waited += POLL_MS) {
    // A server that does not answer any more has no clients.
    const clients = await server.movable().catch(() => []);
    if (clients.length === 0) break;
    for (const id of clients) await server.moveClient(id).catch(() => undefined);
    await pause(POLL_MS);
  }
  await pause(Math.max(0, UNANNOUNCED_MS - waited));
}
