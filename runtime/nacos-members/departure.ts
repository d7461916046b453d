import { Cluster, type ClusterOptions } from "./cluster";
import { drain } from "./drain";
import { groupsWith, ledBy, peersOf } from "./health";
import type { Recorded } from "./record";
import { leaves } from "./steps";

/** The servers ask for their list every 5 s, and remove those that it lacks from the Raft groups. */
const BY_ITSELF_MS = 20_000;
const REMOVAL_MS = 60_000;
/** A server that does not answer for this long is taken out by the next one, while there is a majority to do so. */
const SILENT_MS = 30_000;
/** How often the API server is asked, for up to 6 s each: before anything has begun, and afterwards. */
const ATTEMPTS = { first: 3, later: 30 };
const POLL_MS = 1000;

/** How a server leaves the cluster. */
export class Departure {
  private readonly cluster: Cluster;

  constructor(private readonly options: ClusterOptions) {
    this.cluster = new Cluster(options);
  }

  /**
   * Before this pod ends: sends clients away, and takes its server out of the cluster if the pod will not come back.
   *
   * @param known the record as it was last read
   */
  async leave(known: Recorded | undefined): Promise<void> {
    const { ordinal, hostOf, log } = this.options;
    // Without an answer it ends like a server that comes back. That is also the case when the whole stack is destroyed.
    const now = await this.read(ATTEMPTS.first).catch(() => undefined);
    const last = now ?? known;
    const staying = last === undefined ? ordinal : Math.min(last.members, last.wanted);
    await drain(
      this.options,
      this.cluster.hosts(staying).filter((host) => host !== hostOf(ordinal)),
    );
    if (now === undefined || !leaves(ordinal, now) || now.wanted === 0) return;
    const current = await this.turn();
    if (current === undefined) return;
    await this.handOver();
    // A server that was about to join may be a peer already.
    const isOut =
      ordinal < current.members
        ? await this.remove(ordinal)
        : await this.expel(hostOf(ordinal), this.cluster.hosts(current.members), 0);
    if (isOut) log("has left");
  }

  /**
   * Takes the last member out: first of the lists, by which the others take it out of the Raft groups. If those that remain
   * are no majority without it, they could not do that, and the groups come first; and if that fails, it stays a member,
   * because then only its return heals the cluster.
   *
   * @returns whether it is out of every Raft group
   */
  async remove(ordinal: number): Promise<boolean> {
    const { record, hostOf, version, log } = this.options;
    const host = hostOf(ordinal);
    const rest = this.cluster.hosts(ordinal);
    const peers = peersOf(await this.cluster.answering(rest), version).length;
    const suffice = rest.length > 1 && peers > 0 && rest.length > peers / 2;
    const failed = `problem: ${host} is still a peer of Raft groups`;
    if (!suffice && !(await this.expel(host, rest, 0))) {
      log(failed);
      return false;
    }
    const current = await this.read(ATTEMPTS.later);
    if (current.members === ordinal + 1) await record.write(current, { members: ordinal });
    log(`members: ${ordinal} now, ${current.wanted} in the end`);
    if (!suffice || (await this.expel(host, rest, BY_ITSELF_MS))) return true;
    log(failed);
    return false;
  }

  /** Waits until it is this server's turn: the one with the highest ordinal leaves first. @returns undefined if it stays */
  private async turn(): Promise<Recorded | undefined> {
    const { ordinal, hostOf, pause, log } = this.options;
    let isTold = false;
    for (let [waited, silent] = [0, 0]; ; await pause(POLL_MS)) {
      const current = await this.read(ATTEMPTS.later);
      const { members } = current;
      if (!leaves(ordinal, current)) return undefined;
      if (ordinal >= members) return current;
      if (!isTold) log(`leaves when it is the last, of ${members} members`);
      isTold = true;
      if (ordinal < members - 1) {
        const isBelow = ordinal === members - 2;
        silent = isBelow && !(await this.cluster.answers(hostOf(members - 1))) ? silent + POLL_MS : 0;
        if (silent >= SILENT_MS) await this.remove(members - 1);
        continue;
      }
      const found = await this.cluster.raftProblems(this.cluster.hosts(members));
      if (found.length === 0 || waited >= REMOVAL_MS) return current;
      waited += POLL_MS;
    }
  }

  /** Another server takes over the groups that this one leads, so that they have no pause without a leader. */
  private async handOver(): Promise<void> {
    const { ordinal, hostOf, serverOf, version, log } = this.options;
    for (const group of ledBy(hostOf(ordinal), await this.cluster.answering([hostOf(ordinal)]), version)) {
      log(`hands over ${group}`);
      await serverOf(hostOf(0))
        .transferLeader(group, hostOf(0))
        .catch(() => undefined);
    }
  }

  /** Waits until a host is a peer of no Raft group, and takes it out by name from a time on. @returns whether it is out */
  private async expel(host: string, rest: readonly string[], byNameAfterMs: number): Promise<boolean> {
    const { serverOf, version, pause } = this.options;
    for (let waited = 0; waited < REMOVAL_MS; waited += POLL_MS) {
      const seen = await this.cluster.answering(rest);
      const groups = groupsWith(host, seen, version);
      if (seen.length > 0 && groups.length === 0) return true;
      const asked = seen.at(0)?.address.replace(/:\d+$/, "");
      if (waited >= byNameAfterMs && asked !== undefined)
        for (const group of groups)
          await serverOf(asked)
            .removePeer(group, host)
            .catch(() => undefined);
      await pause(POLL_MS);
    }
    return false;
  }

  /** @throws Error if no attempt succeeds. */
  private async read(attempts: number): Promise<Recorded> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.options.record.read();
      } catch (error) {
        if (attempt === attempts) throw error;
      }
      await this.options.pause(POLL_MS);
    }
  }
}
