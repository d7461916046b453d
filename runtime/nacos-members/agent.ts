import { groupsWith, knowsLeader, ledBy, problems, raftProblems, type Member } from "./health";
import type { MembershipRecord, Recorded } from "./record";
import type { NacosServer } from "./server";
import { joins, leaves, listLength, nextStep } from "./steps";

/** What the container beside one server tells the others. */
export interface PeerState {
  /** Whether the server had no Raft data when its pod began, and has got none since. */
  readonly empty: boolean;
  /** Whether the server was allowed to start. */
  readonly started: boolean;
}

type Server = Pick<NacosServer, "members" | "self" | "isReady" | "transferLeader" | "removePeer" | "sendClientsAway">;

export interface AgentOptions {
  /** Ordinal of this pod in the StatefulSet. */
  readonly ordinal: number;
  readonly version: string;
  readonly record: Pick<MembershipRecord, "read" | "write" | "hasPod">;
  /** Host name of a pod. */
  readonly hostOf: (ordinal: number) => string;
  readonly serverOf: (host: string) => Server;
  /** Asks the container beside another server. */
  readonly peerOf: (host: string) => Promise<PeerState>;
  /** The Raft data of this pod's server. */
  readonly data: { readonly isEmpty: () => boolean; readonly remove: () => void };
  /** Whether the server was allowed to start since the pod began: it survives a restart of this container. */
  readonly start: { readonly isAllowed: () => boolean; readonly allow: () => void };
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly log: (line: string) => void;
}

/** Clients need this long to see that the pod has left the Service. */
const UNANNOUNCED_MS = 15_000;
/** The servers ask for their list every 5 s, and remove those that it lacks from the Raft groups. */
const BY_ITSELF_MS = 20_000;
const REMOVAL_MS = 60_000;
const POLL_MS = 1000;

function isReady(server: Server): Promise<boolean> {
  return server.isReady().catch(() => false);
}

/** Decides when this pod's server may start and which members it has, lets the cluster grow and shrink step by step. */
export class Agent {
  private recorded: Recorded | undefined;
  private isEmpty: boolean;
  private told = "";

  constructor(private readonly options: AgentOptions) {
    this.isEmpty = options.data.isEmpty();
  }

  /** Hosts of the members that this pod's server has; undefined as long as that is not known. */
  get list(): readonly string[] | undefined {
    if (this.recorded === undefined) return undefined;
    return this.hosts(listLength(this.options.ordinal, this.recorded) ?? nextStep(this.recorded));
  }

  get state(): PeerState {
    return { empty: this.isEmpty, started: this.options.start.isAllowed() };
  }

  /** Looks once, and makes the step that is due. */
  async pass(): Promise<void> {
    const { ordinal, start, data, hostOf, serverOf } = this.options;
    this.recorded = await this.options.record.read();
    if (!start.isAllowed()) {
      const reason = await this.reasonToWait(this.recorded);
      this.tell(reason ?? "the server may start");
      if (reason !== undefined) return;
      // What a pod has that is no member belongs to an earlier time: it must not vote.
      if (ordinal >= this.recorded.members) data.remove();
      start.allow();
      return;
    }
    if (this.isEmpty) this.isEmpty = !(await this.hasCaughtUp(serverOf(hostOf(ordinal))));
    if (joins(ordinal, this.recorded)) await this.admit(this.recorded);
    else if (ordinal === 0) await this.lookAfter(this.recorded);
  }

  /** Before this pod ends: takes its server out of the cluster if the pod will not come back. */
  async leave(): Promise<void> {
    const { ordinal, record, serverOf, hostOf, pause, log } = this.options;
    const now = await record.read().catch(() => undefined);
    if (now === undefined || !leaves(ordinal, now) || now.wanted === 0) return pause(UNANNOUNCED_MS);
    await serverOf(hostOf(ordinal))
      .sendClientsAway()
      .catch(() => undefined);
    await pause(UNANNOUNCED_MS);
    for (let waited = 0; waited < REMOVAL_MS; await pause(POLL_MS)) {
      const turn = await this.turn();
      if (turn === "now") break;
      if (turn === "next") waited += POLL_MS;
    }
    const current = await record.read();
    if (!leaves(ordinal, current) || ordinal >= current.members) return;
    await this.handOver();
    await this.remove(ordinal);
    log("has left");
  }

  /** One server leaves at a time, the one with the highest ordinal first. "next" is the one that waits for a whole cluster only. */
  private async turn(): Promise<"later" | "next" | "now"> {
    const { ordinal, record, version } = this.options;
    const current = await record.read();
    if (!leaves(ordinal, current) || ordinal >= current.members) return "now";
    this.tell(`leaves when it is the last, of ${current.members} members`);
    if (ordinal < current.members - 1) return "later";
    const hosts = this.hosts(ordinal + 1);
    const seen = await this.selves(hosts);
    return seen instanceof Error || raftProblems(seen, hosts, version).length > 0 ? "next" : "now";
  }

  /** Why this pod's server must not start now, or undefined. */
  private async reasonToWait(recorded: Recorded): Promise<string | undefined> {
    const { ordinal } = this.options;
    const { members, formed } = recorded;
    if (listLength(ordinal, recorded) === undefined)
      return `waits until there are ${nextStep(recorded)} members, of ${recorded.wanted}`;
    if (ordinal >= members) return this.reasonNotToJoin(members);
    if (!formed || members === 1 || !this.isEmpty) return undefined;
    return this.reasonNotToReturn(members);
  }

  /** A new server waits until every member has every other, and every Raft group. */
  private async reasonNotToJoin(members: number): Promise<string | undefined> {
    const hosts = this.hosts(members);
    const seen = await this.selves(hosts);
    if (seen instanceof Error) return `waits for the members: ${seen.message}`;
    const found = raftProblems(seen, hosts, this.options.version);
    // A single server's list has this server already, which is not up yet.
    if (members > 1) found.push(...(await this.views(hosts)).flat());
    return found.length === 0 ? undefined : `waits until the cluster is whole: ${found.join("; ")}`;
  }

  /**
   * A member that has lost its data. It is harmless beside a majority that has data. Without it, two members that have lost
   * their data could form a cluster of their own, so only one of them starts at a time. What the servers say of their leader
   * shows nothing here: they name the last one, also when it is gone.
   */
  private async reasonNotToReturn(members: number): Promise<string | undefined> {
    const { ordinal, peerOf, serverOf, record } = this.options;
    const hosts = this.hosts(members);
    const states = await Promise.all(
      hosts.map(async (host, other) => (other === ordinal ? this.state : peerOf(host).catch(() => undefined))),
    );
    const answers = (host: string): Promise<boolean> =>
      serverOf(host)
        .self()
        .then(
          () => true,
          () => false,
        );
    const serving = await Promise.all(hosts.filter((_, other) => states[other]?.empty === false).map(answers));
    const withData = serving.filter(Boolean).length;
    if (withData > members / 2) return undefined;
    if (states.every((state) => state?.empty === true)) return undefined;
    // A pod that does not answer may be one that has lost its data too, and has started.
    for (const [other, state] of states.entries())
      if (state === undefined && (await record.hasPod(other)))
        return `has lost its data, and waits for an answer of ${hosts[other]}`;
    const isFirst = states.findIndex((state) => state?.empty === true) === ordinal;
    const isAlone = !states.some((state, other) => other !== ordinal && state?.empty === true && state.started);
    if (withData > 0 && isFirst && isAlone) return undefined;
    return `has lost its data, and waits until more than half of the ${members} members have theirs (${withData} do), or it is its turn to get it from them`;
  }

  /** Whether a server that began without data has got it: it is ready, and a leader that it knows is one of today. */
  private async hasCaughtUp(server: Server): Promise<boolean> {
    const self = await server.self().catch(() => undefined);
    return self !== undefined && knowsLeader(self, this.options.version) && (await isReady(server));
  }

  /** The next step of growth: the members' lists get longer once the new servers are in every Raft group. */
  private async admit(recorded: Recorded): Promise<void> {
    const { record, serverOf, version } = this.options;
    const members = nextStep(recorded);
    const hosts = this.hosts(members);
    const seen = await this.selves(hosts);
    const found = seen instanceof Error ? [seen.message] : raftProblems(seen, hosts, version);
    for (const host of hosts.slice(recorded.members))
      if (!(await isReady(serverOf(host)))) found.push(`${host} is not ready`);
    if (found.length > 0) return this.tell(`joins: ${found.join("; ")}`);
    await record.write(recorded, { members, formed: true });
    this.tell(`members: ${members} now, ${recorded.wanted} in the end`);
  }

  /** What no other pod is there to do: notes that the cluster has formed, and removes members whose pods are gone. */
  private async lookAfter(recorded: Recorded): Promise<void> {
    const { record, version } = this.options;
    const last = recorded.members - 1;
    if (recorded.wanted <= last && last > 0 && !(await record.hasPod(last))) return this.remove(last);
    if (recorded.formed || recorded.members === 1) return;
    const hosts = this.hosts(recorded.members);
    const seen = await this.selves(hosts);
    if (!(seen instanceof Error) && raftProblems(seen, hosts, version).length === 0) {
      await record.write(recorded, { formed: true });
      this.tell(`${recorded.members} members have formed a cluster`);
    }
  }

  /** Another server takes over the groups that this one leads, so that they have no pause without a leader. */
  private async handOver(): Promise<void> {
    const { ordinal, serverOf, version } = this.options;
    const hosts = this.hosts(ordinal + 1);
    const seen = await this.selves(hosts.slice(ordinal));
    if (seen instanceof Error) return;
    for (const group of ledBy(hosts[ordinal], seen, version)) {
      this.tell(`hands over ${group}`);
      await serverOf(hosts[0])
        .transferLeader(group, hosts[0])
        .catch(() => undefined);
    }
  }

  /**
   * Takes the last member out: first of the lists, by which the others take it out of the Raft groups. If one server remains,
   * it starts again, standalone, as soon as its list is that short, so the groups come first.
   */
  private async remove(ordinal: number): Promise<void> {
    const { record, hostOf, log } = this.options;
    const host = hostOf(ordinal);
    const rest = this.hosts(ordinal);
    const isOut = rest.length === 1 && (await this.expel(host, rest, 0));
    const current = await record.read();
    if (current.members === ordinal + 1) await record.write(current, { members: ordinal });
    this.tell(`members: ${ordinal} now, ${current.wanted} in the end`);
    if (!isOut && !(await this.expel(host, rest, BY_ITSELF_MS)))
      log(`problem: ${host} may still be a peer in Raft groups`);
  }

  /** Waits until a host is a peer of no Raft group, and takes it out by name from a time on. @returns whether it is out */
  private async expel(host: string, rest: readonly string[], byNameAfterMs: number): Promise<boolean> {
    const { serverOf, version, pause } = this.options;
    for (let waited = 0; waited < REMOVAL_MS; waited += POLL_MS) {
      const seen = await this.selves(rest);
      const groups = seen instanceof Error ? undefined : groupsWith(host, seen, version);
      if (groups?.length === 0) return true;
      if (waited >= byNameAfterMs)
        for (const group of groups ?? [])
          await serverOf(rest[0])
            .removePeer(group, host)
            .catch(() => undefined);
      await pause(POLL_MS);
    }
    return false;
  }

  /** What each of these servers says of itself, or the first error. */
  private async selves(hosts: readonly string[]): Promise<Member[] | Error> {
    return Promise.all(hosts.map((host) => this.options.serverOf(host).self())).catch(
      (error: unknown) => error as Error,
    );
  }

  /** What is wrong with the cluster in the eyes of each of its members. */
  private views(hosts: readonly string[]): Promise<string[][]> {
    const { serverOf, version } = this.options;
    return Promise.all(
      hosts.map((host) =>
        serverOf(host)
          .members()
          .then(
            (seen) => problems(seen, hosts, version).map((problem) => `${host}: ${problem}`),
            (error: unknown) => [`${host}: ${(error as Error).message}`],
          ),
      ),
    );
  }

  private hosts(count: number): string[] {
    return Array.from({ length: count }, (_, ordinal) => this.options.hostOf(ordinal));
  }

  /** Logs, and does not repeat itself. */
  private tell(line: string): void {
    if (line !== this.told) this.options.log(line);
    this.told = line;
  }
}
