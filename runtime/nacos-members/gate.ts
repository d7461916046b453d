import { Cluster, type ClusterOptions } from "./cluster";
import type { Counts } from "./counts";
import { memberProblems } from "./health";

/** How long a server waits for the others before it serves clients all the same. */
const PATIENCE_MS = 120_000;
/** Clients register and leave meanwhile, and metrics are up to 15 s old. */
const ENOUGH = 0.9;
const COMPARED = ["configurations", "services", "instances", "persistent"] as const;

/** What one server lacks of what another has. @param host the other */
export function missing(own: Counts, other: Counts, host: string): string[] {
  return COMPARED.flatMap((what) => {
    const [has, should] = [own[what], other[what]];
    return has === undefined || should === undefined || has >= should * ENOUGH
      ? []
      : [`has ${has} ${what}, ${host} ${should}`];
  });
}

/**
 * Whether a server that has started may serve clients. An update restarts the next server once this one does, so this one has
 * to be whole before: the members see each other, every Raft group has all peers and a leader, and it has what the others have.
 */
export class Gate {
  private readonly cluster: Cluster;
  private readySince: number | undefined;

  constructor(
    private readonly options: ClusterOptions & {
      /** Milliseconds of a clock that never goes back. */
      readonly now: () => number;
      /** Whether another server serves clients. */
      readonly serves: (host: string) => Promise<boolean>;
    },
  ) {
    this.cluster = new Cluster(options);
  }

  /** Why it must not serve clients yet. Without another server that does, or after a while, it may. @param hosts the members */
  async reasonToWait(hosts: readonly string[]): Promise<string | undefined> {
    const { ordinal, hostOf, serverOf, serves, now, log } = this.options;
    const host = hostOf(ordinal);
    const isReady = await serverOf(host)
      .isReady()
      .catch(() => false);
    if (!isReady) return "the server is not ready";
    this.readySince ??= now();
    const others = hosts.filter((other) => other !== host);
    const serving = await Promise.all(others.map((other) => serves(other).catch(() => false)));
    if (!serving.includes(true)) return undefined;
    const found = await this.unfinished(host, hosts).catch((error: unknown) => [(error as Error).message]);
    if (found.length === 0) return undefined;
    const reason = found.join("; ");
    if (now() - this.readySince < PATIENCE_MS) return reason;
    log(`problem: serves clients although ${reason}`);
    return undefined;
  }

  private async unfinished(host: string, hosts: readonly string[]): Promise<string[]> {
    const { serverOf } = this.options;
    const found = memberProblems(await serverOf(host).members(), hosts);
    found.push(...(await this.cluster.raftProblems(hosts)));
    const own = await serverOf(host).counts();
    for (const other of hosts) {
      if (other === host) continue;
      // During an upgrade, one of the other series may not answer this question.
      const counts = await serverOf(other)
        .counts()
        .catch(() => undefined);
      if (counts !== undefined) found.push(...missing(own, counts, other));
    }
    return found;
  }
}
