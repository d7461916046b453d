import type { ClusterOptions } from "./cluster";

/** Until nodes and clients have seen that the pod has left the Service. Before, clients could come back to it. */
const OUT_OF_SERVICE_MS = 5000;
/** Clients of the SDK that have not moved by then lose their connection. */
const GONE_MS = 20_000;
/** How long clients over HTTP have to see that the pod has left the Service. */
const UNANNOUNCED_MS = 15_000;
const POLL_MS = 1000;

/**
 * Before this pod's server ends: sends its clients to the others, and waits until they are gone. Clients of the SDK open the
 * new connection first, then register again there, so nobody sees a list without them.
 *
 * @param hasOthers whether there is a server that they could move to
 */
export async function drain(
  { ordinal, hostOf, serverOf, pause }: Pick<ClusterOptions, "ordinal" | "hostOf" | "serverOf" | "pause">,
  hasOthers: boolean,
): Promise<void> {
  await pause(OUT_OF_SERVICE_MS);
  if (!hasOthers) return;
  const host = hostOf(ordinal);
  const server = serverOf(host);
  let waited = OUT_OF_SERVICE_MS;
  for (; waited < OUT_OF_SERVICE_MS + GONE_MS; waited += POLL_MS) {
    const clients = await server.clients().catch(() => undefined);
    if (clients?.get(host) === 0) break;
    await server.sendClientsAway().catch(() => undefined);
    await pause(POLL_MS);
  }
  await pause(Math.max(0, UNANNOUNCED_MS - waited));
}
