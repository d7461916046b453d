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

/** Where a server's HTTP port is reached. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The administration of one Nacos server, by its HTTP port. */
export class NacosServer {
  private readonly isOld: boolean;

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

  /** The members as this server sees them. During an upgrade it may be of the other series than the one that asks. */
  async members(): Promise<Member[]> {
    const paths = ["/nacos/v1/core/cluster/nodes", "/nacos/v3/admin/core/cluster/node/list"];
    const [path, other] = this.isOld ? paths : paths.reverse();
    return this.data<Member[]>("GET", path, other);
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
    const [metrics, persistent] = await Promise.all([
      this.text("GET", "/nacos/actuator/prometheus"),
      this.persistentCount(),
    ]);
    return { ...metricCounts(metrics), persistent };
  }

  /** Whether it has loaded the registry. */
  async isReady(): Promise<boolean> {
    return (await this.send("GET", "/nacos/v1/ns/operator/metrics")).status === 200;
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
      readonly detail: readonly { readonly address: string; readonly sdkConCount: number }[];
    }
    const answer = JSON.parse(await this.text("GET", `${this.loader}/cluster`)) as Connections & { data?: Connections };
    const { detail } = answer.data ?? answer;
    return new Map(detail.map(({ address, sdkConCount }) => [address.replace(/:\d+$/, ""), sdkConCount]));
  }

  /**
   * Ids of this server's connections that can move to another one unnoticed: those for configurations. A client that has
   * registered instances loses them with its old connection, and the Java SDK registers them again up to 3 s later.
   */
  async movable(): Promise<string[]> {
    interface Connection {
      readonly metaInfo: { readonly labels: Readonly<Record<string, string>> };
    }
    const text = await this.text("GET", `${this.loader}/current`);
    const answer = JSON.parse(text) as Record<string, Connection> & { data?: Record<string, Connection> };
    return Object.entries(answer.data ?? (answer as Record<string, Connection>))
      .filter(([, { metaInfo }]) => metaInfo.labels.source === "sdk" && metaInfo.labels.module === "config")
      .map(([id]) => id);
  }

  /** Tells a client of this server to use another one. It opens the new connection first. @param to default: any */
  async moveClient(id: string, to?: string): Promise<void> {
    const query = new URLSearchParams({
      connectionId: id,
      ...(to === undefined ? {} : { redirectAddress: `${to}:${NACOS_PORTS.http}` }),
    });
    await this.send(this.isOld ? "GET" : "POST", `${this.loader}/reloadClient?${query.toString()}`);
  }

  private get loader(): string {
    return this.isOld ? "/nacos/v2/core/loader" : "/nacos/v3/admin/core/loader";
  }

  private async raft(groupId: string, command: string, value: string): Promise<void> {
    const path = this.isOld ? "/nacos/v1/core/ops/raft" : "/nacos/v3/admin/core/ops/raft";
    await this.send("POST", path, JSON.stringify({ groupId, command, value }));
  }

  private async persistentCount(): Promise<number | undefined> {
    interface Metrics {
      readonly persistentIpPortClientCount?: number;
    }
    const metrics = this.isOld
      ? (JSON.parse(await this.text("GET", "/nacos/v1/ns/operator/metrics?onlyStatus=false")) as Metrics)
      : await this.data<Metrics>("GET", "/nacos/v3/admin/ns/ops/metrics?onlyStatus=false");
    return metrics.persistentIpPortClientCount;
  }

  /** @param instead the path to ask for if the server does not have the first one */
  private async data<T>(method: string, path: string, instead?: string): Promise<T> {
    return (JSON.parse(await this.text(method, path, instead)) as { data: T }).data;
  }

  private async text(method: string, path: string, instead?: string): Promise<string> {
    const { status, text } = await this.send(method, path);
    if (instead !== undefined && (status === 404 || status === 410)) return this.text(method, instead);
    if (status !== 200 || text === "")
      throw new Error(`${this.host} answers ${method} ${path} with ${status}: ${text.slice(0, 200)}`);
    return text;
  }

  private send(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const { key, value } = this.identity();
    return new Promise((resolve, reject) => {
      const request = http.request({ ...this.at, path, method, timeout: ANSWER_MS }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
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
