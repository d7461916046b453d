import type { Pod as ClusterPod } from "../../clients/kubernetes/pod-trouble";
import { OBJECTS } from "../../contract/objects";
import { inTime } from "../../runtime/mysql-controller/server";
import { NacosServer } from "../../runtime/nacos-members/server";
import { serversOf, type ConfigMapObject, type MySqlServers, type StackCluster } from "../cluster";
import { lookAt, type MySqlLook } from "../mysql/look";
import type { Look } from "../nacos/look";
import { NacosMembers } from "../nacos/members";
import { openTunnels, type NacosTunnels } from "../nacos/tunnels";

/** How long one server may take, so that one that hangs does not hide the others. */
export const SERVER_MS = 2500;

interface Container {
  readonly name: string;
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
}

/** The part of a pod that the checks read. */
export type Pod = ClusterPod & {
  readonly metadata: {
    readonly deletionGracePeriodSeconds?: number;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec?: {
    readonly containers?: readonly Container[];
    /** With the sidecars. */
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
  };
};

/** A Secret's value. */
export function decoded({ data }: ConfigMapObject, key: string): string {
  return Buffer.from(data[key] ?? "", "base64").toString();
}

/** What the checks read, each of it once. Everything comes through the API server. */
export class World {
  private readonly asked = new Map<string, Promise<unknown>>();
  private readonly opened: { close(): void }[] = [];

  /** @param now in milliseconds since 1970 */
  constructor(
    readonly cluster: StackCluster,
    readonly now: number,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.once(path, () => this.cluster.api.get<T>(path));
  }

  /** Objects of the namespace. @param api "v1" or "apps/v1" */
  async list<T>(api: string, kind: string): Promise<readonly T[]> {
    const root = api === "v1" ? "/api" : "/apis";
    return (await this.get<{ items: readonly T[] }>(`${root}/${api}/namespaces/${this.cluster.namespace}/${kind}`))
      .items;
  }

  pods(): Promise<readonly Pod[]> {
    return this.list<Pod>("v1", "pods");
  }

  secret(name: string): Promise<ConfigMapObject> {
    return this.get(`/api/v1/namespaces/${this.cluster.namespace}/secrets/${name}`);
  }

  /** Tunnels to the servers. @throws Refusal if MySQL is external */
  mysqlServers(): Promise<MySqlServers> {
    return this.once("MySQL's servers", async () => this.keep(await serversOf(this.cluster, () => undefined)));
  }

  mysql(): Promise<MySqlLook> {
    return this.once("MySQL", async () => lookAt(await this.mysqlServers(), SERVER_MS));
  }

  /** Nacos' database at the declared primary, as Nacos' account. */
  async database(): Promise<(statement: string, values?: readonly string[]) => Promise<object[]>> {
    const [{ topology }, { primary }, secret] = await Promise.all([
      this.mysqlServers(),
      this.mysql(),
      this.secret(OBJECTS.runtime),
    ]);
    const server = topology.servers.find(({ name }) => name === primary);
    if (server === undefined) throw new Error(`the declared primary ${primary} is not configured`);
    const account = { user: decoded(secret, "username"), password: decoded(secret, "password") };
    const own = this.keep(server.another(account));
    return (statement, values) => own.query(statement, values);
  }

  nacosTunnels(): Promise<NacosTunnels> {
    return this.once("Nacos' servers", async () => this.keep(await openTunnels(this.cluster)));
  }

  nacos(): Promise<Look> {
    return this.once("Nacos", async () => {
      const { identity, endpoint } = await this.nacosTunnels();
      const server = async (pod: string, host: string, version: string) => {
        const real = new NacosServer(host, version, () => identity, await endpoint(pod));
        return {
          host,
          members: () => inTime(real.members(), SERVER_MS),
          selfIn: real.selfIn.bind(real),
          counts: () => inTime(real.counts(), SERVER_MS),
          removePeer: real.removePeer.bind(real),
        };
      };
      return new NacosMembers(this.cluster, { server }).look();
    });
  }

  close(): void {
    for (const one of this.opened) one.close();
  }

  private keep<T extends { close(): void }>(one: T): T {
    this.opened.push(one);
    return one;
  }

  private once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const asked = (this.asked.get(key) as Promise<T> | undefined) ?? ask();
    this.asked.set(key, asked);
    return asked;
  }
}
