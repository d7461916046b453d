import type { ClusterOptions } from "./cluster";
import { moveClients } from "./move-clients";

/** How often the connections are counted. */
const LOOK_EVERY_MS = 10_000;
/** How often in a row clients are moved without a rest. Each goes to any server, so several steps are usual. */
const STEPS = 10;
/** How long to rest if that was not enough. It doubles each time. */
const LEAST_REST_MS = 60_000;
const LONGEST_REST_MS = 600_000;
/** Differences up to this many connections are left alone. */
const NEGLIGIBLE = 5;
/** How long one step may take. */
const STEP_MS = 5000;

/** Whether one server has over a third more connections than another. @param counts connections of each server */
export function isUneven(counts: readonly number[]): boolean {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return most - least > Math.max(NEGLIGIBLE, most / 3);
}

/**
 * How many connections to move from each server, so that it is left with the mean: those that move go to any server, so some
 * come back.
 *
 * @param counts connections of each server
 */
export function surplus(counts: readonly number[]): number[] {
  const servers = counts.length;
  const mean = counts.reduce((sum, count) => sum + count, 0) / servers;
  return counts.map((count) => Math.max(0, Math.round(((count - mean) * servers) / (servers - 1))));
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
  private servers = 0;

  constructor(
    private readonly options: Pick<ClusterOptions, "serverOf" | "log" | "now"> & {
      /** Whether every member serves clients, and none is about to end. */
      readonly isCalm: (hosts: readonly string[]) => Promise<boolean>;
    },
  ) {}

  /** Moves clients if it is time to look and their distribution is uneven. @param hosts the members, the first one is asked */
  async pass(hosts: readonly string[]): Promise<void> {
    const { serverOf, isCalm, now } = this.options;
    if (hosts.length !== this.servers) this.begin(now());
    this.servers = hosts.length;
    if (hosts.length < 2 || now() < this.nextLook) return;
    this.nextLook = now() + LOOK_EVERY_MS;
    if (!(await isCalm(hosts))) return this.begin(this.nextLook);
    const clients = await serverOf(hosts[0]).clients();
    const counts = hosts.map((host) => clients.get(host)).filter((count) => count !== undefined);
    if (counts.length < hosts.length) return;
    if (!isUneven(counts)) return this.begin(this.nextLook);
    // Counted before it is tried: an error must not repeat it without a rest.
    if (++this.steps >= STEPS) {
      this.steps = 0;
      this.nextLook = now() + this.rest;
      this.rest = Math.min(LONGEST_REST_MS, 2 * this.rest);
    }
    await this.move(hosts, counts);
  }

  private begin(nextLook: number): void {
    this.nextLook = nextLook;
    this.steps = 0;
    this.rest = LEAST_REST_MS;
  }

  private async move(hosts: readonly string[], counts: readonly number[]): Promise<void> {
    const { serverOf, log, now } = this.options;
    const until = now() + STEP_MS;
    const to = hosts[counts.indexOf(Math.min(...counts))];
    let moved = 0;
    for (const [at, count] of surplus(counts).entries()) {
      if (count === 0) continue;
      const server = serverOf(hosts[at]);
      moved += await moveClients(server, (await server.movable()).slice(0, count), { to, now, until });
    }
    if (moved > 0) log(`moves ${moved} clients; the servers have ${counts.join(", ")}`);
  }
}
