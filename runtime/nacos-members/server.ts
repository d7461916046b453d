import * as http from "node:http";
import { NACOS_PORTS } from "../../contract/ports";
import { metricCounts, type Counts } from "./counts";
import { raftAddress, type Member } from "./health";

/** How servers of Nacos know each other: a header of any name. */
export interface Identity {
  readonly key: string;
  readonly value: string;
}

const ANSWER_MS = 5000;
/** In bytes. The list of all connections of a server has about 1 KB for each. */
const LARGEST_ANSWER = 8 * 1024 * 1024;

/** Where a server's HTTP port is reached. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
}

const get = (path: string): Call => ({ method: "GET", path });
const post = (path: string): Call => ({ method: "POST", path });

/** The same call of both series. */
interface Calls {
  readonly old: Call;
  readonly new: Call;
}

const MEMBERS: Calls = { old: get("/nacos/v1/core/cluster/nodes"), new: get("/nacos/v3/admin/core/cluster/node/list") };
const RAFT: Calls = { old: post("/nacos/v1/core/ops/raft"), new: post("/nacos/v3/admin/core/ops/raft") };
const METRICS: Calls = {
  old: get("/nacos/v1/ns/operator/metrics?onlyStatus=false"),
  new: get("/nacos/v3/admin/ns/ops/metrics?onlyStatus=false"),
};

/** Connections. The calls of 2.x that change something are GET as well. */
function loader(call: string, method: "GET" | "POST" = "GET"): Calls {
  return {
    old: get(`/nacos/v2/core/loader/${call}`),
    new: { method, path: `/nacos/v3/admin/core/loader/${call}` },
  };
}

/** 3.x puts the same answer into an envelope. */
function opened<T extends object>(answer: T): T {
  return (answer as { readonly data?: T }).data ?? answer;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The administration of one Nacos server, by its HTTP port. */
export class NacosServer {
  /** During an upgrade, this server may be of the other series than the version to deploy. Its answers show it. */
  private isOld: boolean;

  /**
   * @param host its name among the servers
   * @param at the end of a tunnel, for a caller outside the cluster
   */
  constructor(
    readonly host: string,
    version: string,
    private readonly identity: () => Identity,
    private readonly at: Endpoint = { host, port: NACOS_PORTS.http },
  ) {
    this.isOld = version.startsWith("2.");
  }

  /** The members as this server sees them. */
  async members(): Promise<Member[]> {
    return (JSON.parse(await this.text(MEMBERS)) as { data: Member[] }).data;
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
      this.text({ old: prometheus, new: prometheus }),
      this.text(METRICS).then((text) => opened<Metrics>(JSON.parse(text) as Metrics)),
    ]);
    return { ...metricCounts(metrics), persistent: registry.persistentIpPortClientCount };
  }

  /** Whether it has loaded the registry. */
  async isReady(): Promise<boolean> {
    return (await this.send(get("/nacos/v1/ns/operator/metrics"))).status === 200;
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
    const { detail } = opened<Connections>(JSON.parse(await this.text(loader("cluster"))) as Connections);
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
      JSON.parse(await this.text(loader("current"))) as Record<string, Connection>,
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
    const { status, text } = await this.ask(loader(`reloadClient?${query.toString()}`, "POST"));
    if (status !== 200) throw new Error(`${this.host} does not move a client: ${status}: ${text.slice(0, 200)}`);
  }

  private async raft(groupId: string, command: string, value: string): Promise<void> {
    await this.ask(RAFT, JSON.stringify({ groupId, command, value }));
  }

  private async text(calls: Calls): Promise<string> {
    const { status, text, method, path } = await this.ask(calls);
    if (status !== 200 || text === "")
      throw new Error(`${this.host} answers ${method} ${path} with ${status}: ${text.slice(0, 200)}`);
    return text;
  }

  /** Asks by the call of the series that the server was last seen to be of, and by the other if it does not have that call. */
  private async ask(calls: Calls, body?: string): Promise<Answer & Call> {
    const isOld = this.isOld;
    const [first, second] = isOld ? [calls.old, calls.new] : [calls.new, calls.old];
    const answer = await this.send(first, body);
    if (!isMissing(answer) || first.path === second.path) return { ...answer, ...first };
    const other = await this.send(second, body);
    if (!isMissing(other)) this.isOld = !isOld;
    return { ...other, ...second };
  }

  private send({ method, path }: Call, body?: string): Promise<Answer> {
    const { key, value } = this.identity();
    return new Promise((resolve, reject) => {
      const request = http.request({ ...this.at, path, method, timeout: ANSWER_MS }, (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          if ((length += chunk.length) > LARGEST_ANSWER)
            request.destroy(new Error(`${this.host} answers ${method} ${path} with more than ${LARGEST_ANSWER} bytes`));
        });
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      request.setHeader(key, value);
      if (body !== undefined) {
        request.setHeader("content-type", "application/json");
        request.setHeader("content-length", Buffer.byteLength(body));
      }
      request.on("timeout", () =>
        request.destroy(new Error(`${this.host} does not answer within ${ANSWER_MS / 1000} s`)),
      );
      request.on("error", reject);
      request.end(body);
    });
  }
}

/** Whether a server does not have a call: 3.x answers those of 2.x with 410. */
function isMissing({ status }: Answer): boolean {
  return status === 404 || status === 410;
}
