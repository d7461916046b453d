import type { ClusterOptions } from "./cluster";

/** How often the connections are counted. */
const LOOK_EVERY_MS = 20_000;
/** How long to wait after clients were moved that did not stay there. It doubles each time. */
const LEAST_REST_MS = 60_000;
const LONGEST_REST_MS = 3_600_000;
/** Differences up to this many connections are left alone. */
const NEGLIGIBLE = 5;

/** Whether one server has over a third more connections than another. @param counts connections of each server */
export function isUneven(counts: readonly number[]): boolean {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return most - least > Math.max(NEGLIGIBLE, most / 3);
}

/**
 * Clients hold on to their connection, so a server that has started again has none. This moves some of them, whatever the
 * reason: a rolling update, a scale, or the loss of a node.
 */
export class Spread {
  private nextLook = 0;
  private rest = LEAST_REST_MS;
  /** How often in a row clients were moved. Nacos fills one server per step, so several steps are usual. */
  private steps = 0;

  constructor(
    private readonly options: Pick<ClusterOptions, "serverOf" | "log">,
    private readonly now: () => number,
  ) {}

  /** Moves clients if it is time to look and their distribution is uneven. @param hosts the members, the first one is asked */
  async pass(hosts: readonly string[]): Promise<void> {
    if (hosts.length < 2 || this.now() < this.nextLook) return;
    this.nextLook = this.now() + LOOK_EVERY_MS;
    const server = this.options.serverOf(hosts[0]);
    const clients = await server.clients();
    const counts = hosts.map((host) => clients.get(host)).filter((count) => count !== undefined);
    if (counts.length < hosts.length) return;
    if (!isUneven(counts)) {
      this.steps = 0;
      this.rest = LEAST_REST_MS;
      return;
    }
    this.options.log(`moves clients, now ${counts.join(", ")} on ${hosts.length} servers`);
    await server.spreadClients();
    if (++this.steps < hosts.length) return;
    // Clients from outside the cluster may not reach the server that they are sent to, and come back.
    this.steps = 0;
    this.nextLook = this.now() + this.rest;
    this.rest = Math.min(LONGEST_REST_MS, 2 * this.rest);
  }
}
