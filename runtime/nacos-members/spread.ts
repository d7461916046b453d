import type { ClusterOptions } from "./cluster";

/** How often the connections are counted. */
const LOOK_EVERY_MS = 20_000;
/** How long to wait after clients were moved that did not stay there. It doubles each time. */
const LEAST_REST_MS = 60_000;
const LONGEST_REST_MS = 3_600_000;
/** How often in a row clients are moved without such a rest. */
const STEPS = 3;
/** Differences up to this many connections are left alone. */
const NEGLIGIBLE = 5;
/** How many clients move in one step. */
const MOST = 500;

/** Whether one server has over a third more connections than another. @param counts connections of each server */
export function isUneven(counts: readonly number[]): boolean {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return most - least > Math.max(NEGLIGIBLE, most / 3);
}

/** A number of connections to move. From and to are places in the list of servers. */
export interface Move {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** What evens out the connections of servers, in as few moves as possible. @param counts connections of each server */
export function movesFor(counts: readonly number[]): Move[] {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const over = counts.map((count) => Math.max(0, Math.floor(count - mean)));
  const under = counts.map((count) => Math.max(0, Math.floor(mean - count)));
  const moves: Move[] = [];
  for (let from = 0, to = 0; from < counts.length && to < counts.length; ) {
    const count = Math.min(over[from], under[to]);
    if (count > 0) moves.push({ from, to, count });
    over[from] -= count;
    under[to] -= count;
    if (over[from] === 0) from++;
    else to++;
  }
  return moves;
}

/**
 * Clients hold on to their connection, so a server that has started again has none. This moves some of them, whatever the
 * reason: a rolling update, a scale, or the loss of a node.
 */
export class Spread {
  private nextLook = 0;
  private rest = LEAST_REST_MS;
  /** How often in a row clients were moved. */
  private steps = 0;

  constructor(
    private readonly options: Pick<ClusterOptions, "serverOf" | "log">,
    private readonly now: () => number,
  ) {}

  /** Moves clients if it is time to look and their distribution is uneven. @param hosts the members, the first one is asked */
  async pass(hosts: readonly string[]): Promise<void> {
    if (hosts.length < 2 || this.now() < this.nextLook) return;
    this.nextLook = this.now() + LOOK_EVERY_MS;
    const clients = await this.options.serverOf(hosts[0]).clients();
    const counts = hosts.map((host) => clients.get(host)).filter((count) => count !== undefined);
    if (counts.length < hosts.length) return;
    if (!isUneven(counts)) {
      this.steps = 0;
      this.rest = LEAST_REST_MS;
      return;
    }
    await this.move(hosts, counts);
    if (++this.steps < STEPS) return;
    // Clients outside the cluster may not reach the server that they are sent to, and others have registered instances.
    this.steps = 0;
    this.nextLook = this.now() + this.rest;
    this.rest = Math.min(LONGEST_REST_MS, 2 * this.rest);
  }

  private async move(hosts: readonly string[], counts: readonly number[]): Promise<void> {
    const { serverOf, log } = this.options;
    const movable = new Map<number, string[]>();
    let moved = 0;
    for (const { from, to, count } of movesFor(counts)) {
      const server = serverOf(hosts[from]);
      const ids = movable.get(from) ?? (await server.movable());
      movable.set(from, ids);
      for (const id of ids.splice(0, Math.min(count, MOST - moved))) {
        await server.moveClient(id, hosts[to]);
        moved++;
      }
    }
    if (moved > 0) log(`moved ${moved} clients, from ${counts.join(", ")} on ${hosts.length} servers`);
  }
}
