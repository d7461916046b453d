import { Cluster, type ClusterOptions, type Server } from "./cluster";
import { clusterMetrics } from "./cluster-metrics";
import { Departure } from "./departure";
import { Gate } from "./gate";
import { groupsOf, groupsUnheardOf, groupsWith, problems, raftAddress, raftProblems, peersOf } from "./health";
import type { Recorded } from "./record";
import { Spread } from "./spread";
import { listLength, nextStep } from "./steps";

/** What the container beside one server tells the others. */
export interface PeerState {
  /** Whether the server had no Raft data when it started, and has got none since. */
  readonly empty: boolean;
  /** Whether the server was allowed to start. */
  readonly started: boolean;
  /** Whether the server has been allowed to serve clients, and is not about to end. */
  readonly serving: boolean;
}

/** The Raft data of a pod's server. */
export interface RaftData {
  /** Whether there is none, or {@link noteEmpty} was called and {@link noteFilled} was not: it lasts as long as the volume. */
  isEmpty(): boolean;
  noteEmpty(): void;
  noteFilled(): void;
  remove(): void;
}

interface Permission {
  readonly isAllowed: () => boolean;
  readonly allow: () => void;
}

export interface AgentOptions extends ClusterOptions {
  /** Asks the container beside another server. */
  readonly peerOf: (host: string) => Promise<PeerState>;
  readonly data: RaftData;
  /** Whether the server was allowed to start, and to serve clients, since the pod began: it survives a restart of this container. */
  readonly start: Permission;
  readonly serve: Permission;
}

/** How many passes in a row a member that should leave may be silent before the first member takes it out. */
const SILENT_PASSES = 30;
/** How many passes in a row a server joins that waits for one after it that has not started, as without a node. */
const ALONE_PASSES = 90;

/** Decides when this pod's server may start and which members it has, and lets the cluster grow step by step. */
export class Agent {
  private readonly cluster: Cluster;
  private readonly departure: Departure;
  private readonly spread: Spread;
  private readonly gate: Gate;
  private recorded: Recorded | undefined;
  private isEmpty: boolean;
  /** Of a single server: whether there is, or is about to be, a second one. */
  private isPair = false;
  private silentPasses = 0;
  private alonePasses = 0;
  private told = "";
  private isLeaving = false;

  constructor(private readonly options: AgentOptions) {
    this.cluster = new Cluster(options);
    this.departure = new Departure(options);
    const { peerOf, serverOf } = options;
    const serves = async (host: string) => (await peerOf(host)).serving && (await serverOf(host).isReady());
    this.gate = new Gate({ ...options, serves });
    const isCalm = (hosts: readonly string[]) =>
      Promise.all(hosts.map(serves)).then(
        (serving) => serving.every(Boolean),
        () => false,
      );
    this.spread = new Spread({ ...options, isCalm });
    this.isEmpty = options.data.isEmpty();
  }

  /** Hosts of the members that this pod's server has; undefined as long as that is not known. It always has itself. */
  get list(): readonly string[] | undefined {
    if (this.recorded === undefined) return undefined;
    const length = listLength(this.options.ordinal, this.recorded) ?? this.options.ordinal + 1;
    return this.cluster.hosts(length === 1 && this.isPair ? 2 : length);
  }

  get state(): PeerState {
    const { start, serve } = this.options;
    return { empty: this.isEmpty, started: start.isAllowed(), serving: serve.isAllowed() && !this.isLeaving };
  }

  /** Whether this pod's server may serve clients. */
  get mayServe(): boolean {
    return this.options.serve.isAllowed() && (this.recorded === undefined || this.isMember(this.recorded));
  }

  /** What is wrong with the members and the Raft groups as this pod's server sees them, for Prometheus. */
  metrics(): Promise<string> {
    const { hostOf, ordinal, serverOf } = this.options;
    return clusterMetrics(this.list ?? [], serverOf(hostOf(ordinal)), this.cluster);
  }

  /** Looks once, and makes the step that is due. */
  async pass(): Promise<void> {
    const { ordinal, start, record } = this.options;
    this.recorded = await record.read();
    if (!start.isAllowed()) return this.startIfAllowed(this.recorded);
    if (this.isEmpty && (await this.hasCaughtUp(this.recorded.members))) {
      this.isEmpty = false;
      this.options.data.noteFilled();
    }
    if (!this.options.serve.isAllowed() && this.isMember(this.recorded)) await this.serveIfAllowed(this.recorded);
    if (await this.makesStep(this.recorded)) await this.admit(this.recorded);
    else if (ordinal === 0) await this.lookAfter(this.recorded);
  }

  /** See {@link Departure.leave}. */
  leave(): Promise<void> {
    this.isLeaving = true;
    return this.departure.leave(this.recorded);
  }

  /** Whether the other members know this pod's server, so that it gets their changes. */
  private isMember({ members }: Recorded): boolean {
    return this.options.ordinal < members;
  }

  private async serveIfAllowed({ members }: Recorded): Promise<void> {
    const reason = members === 1 ? undefined : await this.gate.reasonToWait(this.cluster.hosts(members));
    this.tell(reason === undefined ? "the server may serve clients" : `does not serve clients yet: ${reason}`);
    if (reason === undefined) this.options.serve.allow();
  }

  private async startIfAllowed(recorded: Recorded): Promise<void> {
    const { ordinal, data, start } = this.options;
    const isPeer = ordinal >= recorded.members && (await this.isPeer(recorded.members));
    const reason = await this.reasonToWait(recorded, isPeer);
    this.tell(reason ?? "the server may start");
    if (reason !== undefined) return;
    // What a pod has that is neither member nor peer belongs to an earlier time: it must not vote.
    if (ordinal >= recorded.members && !isPeer) {
      data.remove();
      this.isEmpty = true;
    }
    if (this.isEmpty) data.noteEmpty();
    start.allow();
  }

  /** Whether this pod's server is a peer of a Raft group already, as after a restart while it joins. Then it has a vote. */
  private async isPeer(members: number): Promise<boolean> {
    const { hostOf, ordinal, version } = this.options;
    const seen = await this.cluster.answering(this.cluster.hosts(members));
    return groupsWith(hostOf(ordinal), seen, version).length > 0;
  }

  /** Why this pod's server must not start now, or undefined. */
  private async reasonToWait(recorded: Recorded, isPeer: boolean): Promise<string | undefined> {
    const { ordinal } = this.options;
    const { members, formed } = recorded;
    if (isPeer) return this.isEmpty ? this.reasonNotToReturn(ordinal + 1) : undefined;
    if (listLength(ordinal, recorded) === undefined)
      return `waits until there are ${nextStep(recorded)} members, of ${recorded.wanted}`;
    if (ordinal >= members) return this.reasonNotToJoin(members, nextStep(recorded));
    if (!formed || members === 1 || !this.isEmpty) return undefined;
    return this.reasonNotToReturn(members);
  }

  /** A new server waits until every member has every other, and every Raft group. Others may join at the same time. */
  private async reasonNotToJoin(members: number, next: number): Promise<string | undefined> {
    const { serverOf, version } = this.options;
    const hosts = this.cluster.hosts(members);
    const joining = this.cluster.hosts(next).slice(members);
    try {
      const found = raftProblems(await this.cluster.selves(hosts), hosts, version, joining);
      // A single server has no view of others.
      if (members > 1)
        for (const host of hosts)
          for (const problem of problems(await serverOf(host).members(), hosts, version, joining))
            found.push(`${host}: ${problem}`);
      return found.length === 0 ? undefined : `waits until the cluster is whole: ${found.join("; ")}`;
    } catch (error) {
      return `waits for the members: ${(error as Error).message}`;
    }
  }

  /**
   * A member that has lost its data. It is harmless beside a majority that has data. Without it, two members that have lost
   * their data could form a cluster of their own, so only one of them starts at a time. What the servers say of their leader
   * shows nothing here: they name the last one, also when it is gone.
   */
  private async reasonNotToReturn(members: number): Promise<string | undefined> {
    const { ordinal, peerOf, record } = this.options;
    const hosts = this.cluster.hosts(members);
    const states = await Promise.all(
      hosts.map(async (host, other) => (other === ordinal ? this.state : peerOf(host).catch(() => undefined))),
    );
    const full = hosts.filter((_, other) => states[other]?.empty === false);
    const withData = (await this.cluster.answering(full)).length;
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

  /** Whether a server that began without data has got it: it is ready, and every Raft group has a leader of today. */
  private async hasCaughtUp(members: number): Promise<boolean> {
    const { hostOf, ordinal, serverOf, version } = this.options;
    const host = hostOf(ordinal);
    const [self] = await this.cluster.answering([host]);
    if (self === undefined || groupsOf(self, version).length === 0) return false;
    const others = await this.cluster.answering(this.cluster.hosts(members).filter((other) => other !== host));
    return groupsUnheardOf(self, others, version).length === 0 && (await isReady(serverOf(host)));
  }

  /** Whether this server records the next step of growth: the last one that joins does, or the one before if that does not come. */
  private async makesStep(recorded: Recorded): Promise<boolean> {
    const { ordinal, hostOf, peerOf } = this.options;
    const next = nextStep(recorded);
    if (ordinal < recorded.members || ordinal >= next) return false;
    if (ordinal === next - 1) return true;
    const hasCome = await peerOf(hostOf(next - 1)).then(
      ({ started }) => started,
      () => false,
    );
    this.alonePasses = hasCome ? 0 : this.alonePasses + 1;
    return this.alonePasses > ALONE_PASSES;
  }

  /** The next step of growth: the members' lists get longer once the new servers are in every Raft group. */
  private async admit(recorded: Recorded): Promise<void> {
    const { ordinal, record, serverOf } = this.options;
    const members = ordinal + 1;
    const hosts = this.cluster.hosts(members);
    const found = await this.cluster.raftProblems(hosts);
    for (const host of hosts.slice(recorded.members))
      if (!(await isReady(serverOf(host)))) found.push(`${host} is not ready`);
    if (found.length > 0) return this.tell(`joins: ${found.join("; ")}`);
    await record.write(recorded, { members, formed: true });
    this.tell(`members: ${members} now, ${recorded.wanted} in the end`);
  }

  /**
   * What no other pod is there to do: notes that the cluster has formed, removes members whose pods are gone, and spreads the
   * clients.
   */
  private async lookAfter(recorded: Recorded): Promise<void> {
    const { record, hostOf } = this.options;
    const { members, wanted, formed } = recorded;
    this.isPair = members === 1 && (await this.hasSecond(recorded));
    const last = members - 1;
    if (wanted > 0 && wanted <= last) {
      this.silentPasses = (await this.cluster.answers(hostOf(last))) ? 0 : this.silentPasses + 1;
      if (!(await record.hasPod(last)) || this.silentPasses > SILENT_PASSES) await this.departure.remove(last);
      return;
    }
    if (formed || members === 1) return this.spread.pass(this.cluster.hosts(members));
    if ((await this.cluster.raftProblems(this.cluster.hosts(members))).length > 0) return;
    await record.write(recorded, { formed: true });
    this.tell(`${members} members have formed a cluster`);
  }

  /**
   * Whether a single server has to be in a cluster: another is a peer, or is there and waits to join. Not before, because a
   * server in a cluster is not ready without another; and not without data, because it would take the other for a peer from
   * the start. While it does not answer, nothing changes.
   */
  private async hasSecond({ wanted }: Recorded): Promise<boolean> {
    const { hostOf, peerOf, version } = this.options;
    const [self] = await this.cluster.answering([hostOf(0)]);
    if (self === undefined) return this.isPair;
    if (peersOf([self], version).some((peer) => peer !== raftAddress(hostOf(0)))) return true;
    if (wanted === 1 || this.isEmpty) return false;
    return (
      this.isPair ||
      (await peerOf(hostOf(1)).then(
        () => true,
        () => false,
      ))
    );
  }

  /** Logs, and does not repeat itself. */
  private tell(line: string): void {
    if (line !== this.told) this.options.log(line);
    this.told = line;
  }
}

function isReady(server: Server): Promise<boolean> {
  return server.isReady().catch(() => false);
}
