import { NACOS_PORTS } from "../../contract/ports";
import {
  get,
  NacosHttp,
  opened,
  post,
  READY,
  type Call,
  type Calls,
  type Endpoint,
  type Identity,
} from "../nacos-http";
import { metricCounts, type Counts } from "./counts";
import { raftAddress, type Member } from "./health";

const MEMBERS: Calls = { old: get("/nacos/v1/core/cluster/nodes"), new: get("/nacos/v3/admin/core/cluster/node/list") };
const RAFT: Calls = { old: post("/nacos/v1/core/ops/raft"), new: post("/nacos/v3/admin/core/ops/raft") };
const METRICS: Calls = {
  old: get("/nacos/v1/ns/operator/metrics?onlyStatus=false"),
  new: get("/nacos/v3/admin/ns/ops/metrics?onlyStatus=false"),
};

/** Connections. The calls of 2.x that change something are GET as well. */
function loader(call: string, method: Call["method"] = "GET"): Calls {
  return {
    old: get(`/nacos/v2/core/loader/${call}`),
    new: { method, path: `/nacos/v3/admin/core/loader/${call}` },
  };
}

/** The administration of one Nacos server, by its HTTP port. */
export class NacosServer {
  private readonly http: NacosHttp;

  /**
   * @param host its name among the servers
   * @param at the end of a tunnel, for a caller outside the cluster
   */
  constructor(
    readonly host: string,
    version: string,
    identity: () => Identity,
    at?: Endpoint,
  ) {
    this.http = new NacosHttp(host, version, identity, at);
  }

  /** The members as this server sees them. */
  async members(): Promise<Member[]> {
    return (JSON.parse(await this.http.text(MEMBERS)) as { data: Member[] }).data;
  }

  /** What this server says of itself. Only this is always up to date. */
  async self(): Promise<Member> {
    return this.selfIn(await this.members());
  }

  /** The same, out of the members that it has answered with. */
  selfIn(members: readonly Member[]): Member {
    const own = `${this.host}:${NACOS_PORTS.http}`;
    const found = members.find(({ address }) => address === own);
    if (found === undefined) throw new Error(`${this.host} does not list itself`);
    return found;
  }

  /** How much it has. @throws Error if it refuses to say. */
  async counts(): Promise<Counts> {
    interface Metrics {
      readonly persistentIpPortClientCount?: number;
    }
    const prometheus = get("/nacos/actuator/prometheus");
    const [metrics, registry] = await Promise.all([
      this.http.text({ old: prometheus, new: prometheus }),
      this.http.text(METRICS).then((text) => opened<Metrics>(JSON.parse(text) as Metrics)),
    ]);
    return { ...metricCounts(metrics), persistent: registry.persistentIpPortClientCount };
  }

  /** Whether it has loaded the registry. */
  async isReady(): Promise<boolean> {
    return (await this.http.send(READY)).status === 200;
  }

  /** Hands over the leadership of a Raft group. Success means that the leader was asked. */
  async transferLeader(group: string, host: string): Promise<void> {
    await this.raft(group, "transferLeader", raftAddress(host));
  }

  /** Takes a host out of a Raft group. 3.x answers with success whatever happens, so the group has to be read again. */
  async removePeer(group: string, host: string): Promise<void> {
    await this.raft(group, "removePeer", raftAddress(host));
  }

  /** How many connections of the SDK each member has, by its host name. One that does not answer is missing. */
  async clients(): Promise<ReadonlyMap<string, number>> {
    interface Connections {
      readonly detail: readonly {
        readonly address: string;
        readonly sdkConCount?: number;
        /** In 2.x, with numbers as text. */
        readonly metric?: { readonly sdkConCount?: string };
      }[];
    }
    const { detail } = opened<Connections>(JSON.parse(await this.http.text(loader("cluster"))) as Connections);
    const counts = detail.map(({ address, sdkConCount, metric }) => {
      const count = Number(sdkConCount ?? metric?.sdkConCount);
      return [address.replace(/:\d+$/, ""), count] as const;
    });
    return new Map(counts.filter(([, count]) => !Number.isNaN(count)));
  }

  /**
   * Ids of this server's connections that can move to another one unnoticed: those for configurations. A client that has
   * registered instances loses them with its old connection, and the Java SDK registers them again up to 3 s later.
   */
  async movable(): Promise<string[]> {
    interface Connection {
      readonly metaInfo: { readonly labels: Readonly<Record<string, string>> };
    }
    const connections = opened<Record<string, Connection>>(
      JSON.parse(await this.http.text(loader("current"))) as Record<string, Connection>,
    );
    return Object.entries(connections)
      .filter(([, { metaInfo }]) => metaInfo.labels.source === "sdk" && metaInfo.labels.module === "config")
      .map(([id]) => id);
  }

  /**
   * Tells a client of this server to use another one. It opens the new connection first.
   *
   * @param to host of the other server. Without one, the Go SDK stays where it is. SDKs that have the Service in their
   *   configuration, and not this host, go to any server.
   */
  async moveClient(id: string, to: string): Promise<void> {
    const query = new URLSearchParams({ connectionId: id, redirectAddress: `${to}:${NACOS_PORTS.http}` });
    const { status, text } = await this.http.ask(loader(`reloadClient?${query.toString()}`, "POST"));
    if (status !== 200) throw new Error(`${this.host} does not move a client: ${status}: ${text.slice(0, 200)}`);
  }

  private async raft(groupId: string, command: string, value: string): Promise<void> {
    await this.http.ask(RAFT, JSON.stringify({ groupId, command, value }));
  }
}
