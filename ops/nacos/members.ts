import { isRunning } from "../../clients/kubernetes/pod-trouble";
import { selectorOf, type StatefulSet } from "../../clients/kubernetes/rollout";
import { imageVersion } from "../../contract/image";
import { memberHost, membersCode, membersConfigMap, type MembersSettings } from "../../contract/members";
import { attempt } from "../../contract/refusal";
import { recordedOf, type RecordObject } from "../../runtime/nacos-members/record";
import { NacosServer } from "../../runtime/nacos-members/server";
import type { ConfigMapObject, StackCluster } from "../cluster";
import { required } from "../required";
import { ordinalOf, type Look, type NacosPod, type Said, type ServerLook } from "./look";
import { openTunnels } from "./tunnels";

const NAME = "nacos";

type Reached = Pick<NacosServer, "host" | "members" | "selfIn" | "counts" | "removePeer">;

/** What the servers are asked with. */
export interface NacosAccess {
  /** A server by its pod. */
  readonly server: (pod: string, host: string, version: string) => Promise<Reached>;
}

/** Nacos' servers of a stack, reached through the API server. */
export class NacosMembers {
  constructor(
    private readonly cluster: Pick<StackCluster, "stack" | "namespace" | "api">,
    private readonly access: NacosAccess,
  ) {}

  /**
   * The servers as they are now. Changes nothing.
   *
   * @throws Refusal if the stack is not deployed
   */
  async look(): Promise<Look> {
    const { stack, namespace, api } = this.cluster;
    const core = `/api/v1/namespaces/${namespace}`;
    const need = <T>(path: string, object: string): Promise<T> =>
      required(api.get<T>(path), "STACK_NOT_DEPLOYED", namespace, object, `deploy stack ${stack} first.`);
    const map = membersConfigMap(NAME);
    const [set, record, code] = await Promise.all([
      need<StatefulSet>(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${NAME}`, `StatefulSet ${NAME}`),
      need<RecordObject>(`${core}/configmaps/${map}`, `ConfigMap ${map}`),
      need<ConfigMapObject>(`${core}/configmaps/${membersCode(NAME)}`, `ConfigMap ${membersCode(NAME)}`),
    ]);
    const settings = attempt(
      "STACK_NOT_DEPLOYED",
      `the settings.json of ConfigMap ${membersCode(NAME)} cannot be read: deploy stack ${stack} again`,
      () => JSON.parse(code.data["settings.json"]) as MembersSettings,
    );
    const recorded = recordedOf(NAME, set, record);
    const { items } = await api.get<{ items: readonly NacosPod[] }>(
      `${core}/pods?labelSelector=${encodeURIComponent(selectorOf(set))}`,
    );
    const pods = new Map(items.map((pod) => [ordinalOf(pod.metadata.name, settings), pod]));
    const ordinals = new Set([
      ...Array.from({ length: Math.max(recorded.members, recorded.wanted) }, (_, ordinal) => ordinal),
      ...[...pods.keys()].filter((ordinal) => ordinal !== undefined),
    ]);
    const servers = [...ordinals]
      .sort((a, b) => a - b)
      .map(async (ordinal) => {
        const pod = pods.get(ordinal);
        const [name, host] = [`${NAME}-${ordinal}`, memberHost(settings, ordinal)];
        const version = versionOf(pod, settings);
        const answer = pod !== undefined && isRunning(pod, NAME) ? await this.ask(name, host, version) : undefined;
        return { ordinal, name, host, version, pod, answer };
      });
    return { stack, settings, recorded, servers: await Promise.all(servers) };
  }

  /** Asks a server to take a host out of a Raft group. Only a later look shows if it did. */
  async removePeer({ name, host, version }: ServerLook, group: string, peer: string): Promise<void> {
    await (await this.access.server(name, host, version)).removePeer(group, peer);
  }

  private async ask(name: string, host: string, version: string): Promise<Said | string> {
    try {
      const server = await this.access.server(name, host, version);
      const seen = await server.members();
      const counts = await server.counts().catch((error: unknown) => silence(name, host, error));
      return { seen, self: server.selfIn(seen), counts };
    } catch (error) {
      return silence(name, host, error);
    }
  }
}

/** The image's version counts: during an update, servers of two series run side by side. */
function versionOf(pod: NacosPod | undefined, { version }: MembersSettings): string {
  const image = pod?.spec?.containers?.find(({ name }) => name === NAME)?.image ?? "";
  return imageVersion(image)?.version ?? version;
}

/** Why a server does not answer, or not as it should. */
function silence(name: string, host: string, error: unknown): string {
  const { message } = error as Error;
  return message.startsWith(`${host} `)
    ? `${name}${message.slice(host.length)}`
    : `${name} does not answer: ${message}`;
}

/** Does something with Nacos' servers of a stack, and closes the tunnels to them. */
export async function withNacos<T>(cluster: StackCluster, work: (members: NacosMembers) => Promise<T>): Promise<T> {
  const tunnels = await openTunnels(cluster);
  const { identity, endpoint } = tunnels;
  try {
    return await work(
      new NacosMembers(cluster, {
        server: async (pod, host, version) => new NacosServer(host, version, () => identity, await endpoint(pod)),
      }),
    );
  } finally {
    tunnels.close();
  }
}
