import { Cluster, type ClusterOptions } from "./cluster";
import type { Counts } from "./counts";
import { groupsOf, memberProblems, raftAddress, raftProblems, type Member } from "./health";

/** How long a server waits for the others before it serves clients all the same. What it lacks itself it waits for longer. */
const PATIENCE_MS = 120_000;
/** How long a server whose sidecar does not answer may still be one that serves clients. */
const UNKNOWN_MS = 20_000;
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
      /** Whether another server serves clients. */
      readonly serves: (host: string) => Promise<boolean>;
    },
  ) {
    this.cluster = new Cluster(options);
  }

  /** Why it must not serve clients yet. Without another server that does, or after a while, it may. @param hosts the members */
  async reasonToWait(hosts: readonly string[]): Promise<string | undefined> {
    const { ordinal, hostOf, serverOf, now, log } = this.options;
    const host = hostOf(ordinal);
    const isReady = await serverOf(host)
      .isReady()
      .catch(() => false);
    if (!isReady) return "the server is not ready";
    const waited = now() - (this.readySince ??= now());
    const others = hosts.filter((other) => other !== host);
    if (!(await this.anyServes(others, waited))) return undefined;
    const server = serverOf(host);
    const asked = await server
      .members()
      .then((seen) => ({ seen, self: server.selfIn(seen) }))
      .catch((error: unknown) => (error as Error).message);
    if (typeof asked === "string") return asked;
    const { seen, self } = asked;
    const lacking = this.lacking(self);
    if (lacking.length > 0) return lacking.join("; ");
    const found = await this.unfinished(seen, self, others).catch((error: unknown) => [(error as Error).message]);
    if (found.length === 0) return undefined;
    const reason = found.join("; ");
    if (waited < PATIENCE_MS) return reason;
    log(`problem: serves clients although ${reason}`);
    return undefined;
  }

  private async anyServes(others: readonly string[], waited: number): Promise<boolean> {
    const answers = await Promise.all(others.map((other) => this.options.serves(other).catch(() => undefined)));
    return answers.includes(true) || (answers.includes(undefined) && waited < UNKNOWN_MS);
  }

  /** What this server itself lacks: without it, a rollout would spread a server that is not part of the cluster. */
  private lacking(self: Member): string[] {
    const { ordinal, hostOf, version } = this.options;
    const groups = groupsOf(self, version);
    if (groups.length === 0) return ["the server knows no Raft group"];
    return groups
      .filter(([, { peers }]) => !peers.includes(raftAddress(hostOf(ordinal))))
      .map(([group]) => `the server is no peer of ${group}`);
  }

  /** @param seen the members as this server sees them, and `self` what it says of itself */
  private async unfinished(seen: readonly Member[], self: Member, others: readonly string[]): Promise<string[]> {
    const { ordinal, hostOf, serverOf, version } = this.options;
    const host = hostOf(ordinal);
    const hosts = [host, ...others].sort();
    const found = memberProblems(seen, hosts);
    found.push(...raftProblems([self, ...(await this.cluster.selves(others))], hosts, version));
    const own = await serverOf(host).counts();
    for (const other of others) {
      // During an upgrade, one of the other series may not answer this question.
      const counts = await serverOf(other)
        .counts()
        .catch(() => undefined);
      if (counts !== undefined) found.push(...missing(own, counts, other));
    }
    return found;
  }
}
