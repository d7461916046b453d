import { Agent, type PeerState } from "../../../../runtime/nacos-members/agent";
import type { Member } from "../../../../runtime/nacos-members/health";
import type { Recorded } from "../../../../runtime/nacos-members/record";

const GROUPS = ["naming_instance_metadata", "naming_service_metadata"];

/** One pod: its server takes part in Raft as soon as it may start. */
interface Pod {
  readonly agent: Agent;
  allowed: boolean;
  serving: boolean;
  hasData: boolean;
  /** Whether its server answers. */
  up: boolean;
}

/** A StatefulSet of Nacos, with the record of its members. Time passes only when an agent pauses. */
export class FakeCluster {
  readonly pods = new Map<number, Pod>();
  /** Peers of every Raft group, by ordinal. */
  peers: number[] = [];
  leader: number | undefined = 0;
  members: number | undefined;
  formed = false;
  wanted: number;
  version = 1;
  readonly log: string[] = [];
  readonly calls: string[] = [];
  /** Whether servers remove a peer by themselves once their list lacks it. */
  removesByItself = true;
  paused = 0;
  /** Connections of the SDK to each server. */
  readonly clients = new Map<number, number>();
  /** How many services each server has. */
  readonly services = new Map<number, number>();
  /** Whether clients go when they are told to. */
  clientsMove = true;
  /** Volumes of servers that started without data. */
  readonly emptyMarks = new Set<number>();
  /** How many of the next looks at the record fail. */
  failingReads = 0;
  /** Raft groups of which a server has heard nothing yet, by ordinal. */
  readonly unheardOf = new Map<number, string>();
  /** Pods whose sidecars do not answer. */
  readonly silent = new Set<number>();
  /** Servers that the lists of the others lack since these became shorter. */
  private readonly dropped = new Set<number>();

  constructor(wanted: number) {
    this.wanted = wanted;
  }

  /** A cluster that has formed. */
  static async of(members: number, wanted = members): Promise<FakeCluster> {
    const cluster = new FakeCluster(wanted);
    cluster.members = members;
    cluster.formed = true;
    cluster.peers = Array.from({ length: members }, (_, ordinal) => ordinal);
    for (const ordinal of cluster.peers) cluster.begin(ordinal, { hasData: true, started: true });
    await cluster.pass();
    return cluster;
  }

  /** A pod begins. */
  begin(ordinal: number, { hasData = false, started = false } = {}): Pod {
    const pod: Pod = {
      allowed: started,
      serving: started,
      hasData,
      up: started,
      agent: undefined as unknown as Agent,
    };
    this.pods.set(ordinal, pod);
    const made = { ...pod, agent: this.agent(ordinal) };
    this.pods.set(ordinal, made);
    return made;
  }

  /** One pass of every agent. Errors count as passes, as in the pod. */
  async pass(): Promise<void> {
    for (const { agent } of [...this.pods.values()])
      await agent.pass().catch((error: unknown) => this.log.push(String(error)));
    this.settle();
  }

  async passes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.pass();
  }

  started(): number[] {
    return [...this.pods].filter(([, { allowed }]) => allowed).map(([ordinal]) => ordinal);
  }

  /** Servers that started come up and join, and those that no list has are removed, as Nacos does it. */
  private settle(): void {
    for (const [ordinal, pod] of this.pods) {
      // A server joins when it starts.
      if (!pod.allowed || pod.up) continue;
      pod.up = true;
      pod.hasData = true;
      if (!this.peers.includes(ordinal) && ordinal < (pod.agent.list?.length ?? 0)) this.peers.push(ordinal);
    }
    if (this.removesByItself && this.hasQuorum) this.peers = this.peers.filter((peer) => !this.dropped.has(peer));
    if (this.leader !== undefined && !this.peers.includes(this.leader)) this.leader = this.peers[0];
  }

  private agent(ordinal: number): Agent {
    const name = (host: string): number => Number(host.slice("nacos-".length));
    return new Agent({
      ordinal,
      version: "3.1.0",
      hostOf: (other) => `nacos-${other}`,
      record: {
        read: async () => Promise.resolve(this.recorded()),
        write: (recorded: Recorded, { members, formed }) => {
          if (recorded.resourceVersion !== String(this.version)) return Promise.reject(new Error("409"));
          this.version++;
          if (members !== undefined && members < (this.members ?? 0)) this.dropped.add(members);
          this.members = members ?? this.members;
          this.formed = formed ?? this.formed;
          return Promise.resolve();
        },
        hasPod: (other) => Promise.resolve(this.pods.has(other)),
      },
      serverOf: (host) => ({
        members: () => this.seenBy(name(host)),
        self: async () => (await this.seenBy(name(host))).find(({ address }) => address === `${host}:8848`) as Member,
        selfIn: (seen) => {
          const self = seen.find(({ address }) => address === `${host}:8848`);
          if (self === undefined) throw new Error(`${host} does not list itself`);
          return self;
        },
        isReady: () => Promise.resolve(this.pods.get(name(host))?.up === true),
        transferLeader: (group, to) => {
          this.calls.push(`${host}: ${group} to ${to}`);
          this.leader = name(to);
          return Promise.resolve();
        },
        removePeer: (group, peer) => {
          this.calls.push(`${host}: ${group} without ${peer}`);
          // 3.x answers with success also without a majority.
          if (this.hasQuorum) this.peers = this.peers.filter((one) => one !== name(peer));
          return Promise.resolve();
        },
        counts: () =>
          Promise.resolve({
            connections: undefined,
            configurations: undefined,
            services: this.services.get(name(host)),
            instances: undefined,
            persistent: undefined,
          }),
        clients: () =>
          Promise.resolve(
            new Map(
              [...this.pods]
                .filter(([, { up }]) => up)
                .map(([other]) => [`nacos-${other}`, this.clients.get(other) ?? 0] as const),
            ),
          ),
        movable: () =>
          Promise.resolve(Array.from({ length: this.clients.get(name(host)) ?? 0 }, (_, number) => `client-${number}`)),
        moveClient: (id, to) => {
          this.calls.push(`${host}: ${id} to ${to}`);
          if (this.clientsMove) this.clients.set(name(host), (this.clients.get(name(host)) ?? 0) - 1);
          return Promise.resolve();
        },
      }),
      peerOf: (host): Promise<PeerState> => {
        const pod = this.pods.get(name(host));
        return pod === undefined || this.silent.has(name(host))
          ? Promise.reject(new Error("no pod"))
          : Promise.resolve(pod.agent.state);
      },
      data: {
        isEmpty: () => this.pods.get(ordinal)?.hasData !== true || this.emptyMarks.has(ordinal),
        noteEmpty: () => void this.emptyMarks.add(ordinal),
        noteFilled: () => void this.emptyMarks.delete(ordinal),
        remove: () => void this.calls.push(`nacos-${ordinal}: data removed`),
      },
      start: {
        isAllowed: () => this.pods.get(ordinal)?.allowed === true,
        allow: () => {
          (this.pods.get(ordinal) as Pod).allowed = true;
        },
      },
      serve: {
        isAllowed: () => this.pods.get(ordinal)?.serving === true,
        allow: () => {
          (this.pods.get(ordinal) as Pod).serving = true;
        },
      },
      now: () => this.paused,
      pause: async (milliseconds) => {
        this.paused += milliseconds;
        // The others go on while one waits.
        for (const [other, { agent }] of this.pods) if (other !== ordinal) await agent.pass().catch(() => undefined);
        this.settle();
      },
      log: (line) => this.log.push(`nacos-${ordinal}: ${line}`),
    });
  }

  /** Whether more than half of the peers are up. */
  get hasQuorum(): boolean {
    return this.peers.filter((peer) => this.pods.get(peer)?.up === true).length > this.peers.length / 2;
  }

  private recorded(): Recorded {
    if (this.failingReads-- > 0) throw new Error("the API server does not answer");
    this.members ??= this.wanted;
    return { members: this.members, wanted: this.wanted, formed: this.formed, resourceVersion: String(this.version) };
  }

  private seenBy(ordinal: number): Promise<Member[]> {
    const pod = this.pods.get(ordinal);
    if (pod?.up !== true) return Promise.reject(new Error(`nacos-${ordinal} does not answer`));
    const leader = this.hasQuorum ? this.leader : undefined;
    const metaDataMap = Object.fromEntries(
      GROUPS.filter((group) => group !== this.unheardOf.get(ordinal)).map((group) => [
        group,
        {
          leader: leader === undefined ? undefined : `nacos-${leader}:7848`,
          raftGroupMember: this.peers.map((peer) => `nacos-${peer}:7848`),
        },
      ]),
    );
    const listed = pod.agent.list ?? [];
    return Promise.resolve(
      listed.map((host) => ({
        address: `${host}:8848`,
        state: this.pods.get(Number(host.slice(6)))?.up === true ? "UP" : "DOWN",
        extendInfo: { raftMetaData: { metaDataMap } },
      })),
    );
  }
}
