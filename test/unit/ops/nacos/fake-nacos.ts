import { ApiError, type KubernetesApi } from "../../../../clients/kubernetes/api";
import { NacosMembers, type NacosAccess } from "../../../../ops/nacos/members";
import type { Look, NacosPod } from "../../../../ops/nacos/look";
import type { Counts } from "../../../../runtime/nacos-members/counts";
import type { Member } from "../../../../runtime/nacos-members/health";
import { NacosServer } from "../../../../runtime/nacos-members/server";
import { listLength, nextStep } from "../../../../runtime/nacos-members/steps";

export const SUFFIX = "nacos-headless.n.svc.cluster.local";
export const GROUPS = ["naming_instance_metadata", "naming_service_metadata"];

/** What one server is, and what it says if that differs from the others. */
interface FakeServer {
  pod: { -readonly [Key in keyof NacosPod["metadata"]]?: NacosPod["metadata"][Key] } & {
    ready?: boolean;
    status?: NacosPod["status"];
    image?: string;
  };
  /** Why it does not answer. */
  silence?: Error;
  /** Its view of every group. */
  leader?: number | null;
  peers?: (number | string)[];
  /** States of members, by ordinal, if they are not up. */
  states: Record<number, string>;
  list?: number[];
  groups?: string[];
  counts: Partial<Counts> | Error;
}

/** A deployed Nacos, as the API server and the servers themselves describe it. */
export class FakeNacos {
  members: number | undefined;
  wanted: number;
  formed = true;
  /** Peers of every Raft group: ordinals, or hosts of another kind. */
  peers: (number | string)[];
  leader: number | null = 0;
  readonly servers = new Map<number, FakeServer>();
  readonly calls: string[] = [];
  readonly versions: string[] = [];
  /** Whether a removal works. */
  removes = true;

  constructor(members: number, wanted = members) {
    this.members = members;
    this.wanted = wanted;
    this.peers = Array.from({ length: members }, (_, ordinal) => ordinal);
    for (let ordinal = 0; ordinal < members; ordinal++) this.begin(ordinal);
  }

  /** A pod whose server is up. */
  begin(ordinal: number): FakeServer {
    const server: FakeServer = { pod: {}, states: {}, counts: {} };
    this.servers.set(ordinal, server);
    return server;
  }

  at(ordinal: number): FakeServer {
    return this.servers.get(ordinal) as FakeServer;
  }

  look(): Promise<Look> {
    return this.nacos().look();
  }

  nacos(objects: Record<string, unknown> = this.objects()): NacosMembers {
    const api = {
      get: (path: string) =>
        objects[path] === undefined
          ? Promise.reject(new ApiError(404, `GET ${path}: 404 not found`))
          : Promise.resolve(objects[path]),
    } as unknown as KubernetesApi;
    return new NacosMembers({ stack: "prod", namespace: "n", api }, this.access());
  }

  objects(): Record<string, unknown> {
    const core = "/api/v1/namespaces/n";
    return {
      "/apis/apps/v1/namespaces/n/statefulsets/nacos": {
        spec: { replicas: this.wanted, selector: { matchLabels: { app: "nacos" } } },
      },
      [`${core}/configmaps/nacos-members`]: {
        metadata: { resourceVersion: "1" },
        data: this.members === undefined ? undefined : { members: String(this.members), formed: String(this.formed) },
      },
      [`${core}/configmaps/nacos-members-code`]: {
        data: {
          "settings.json": JSON.stringify({
            namespace: "n",
            statefulSet: "nacos",
            hostSuffix: SUFFIX,
            version: "3.1.0",
          }),
        },
      },
      [`${core}/pods?labelSelector=app%3Dnacos`]: {
        items: [...this.servers].map(([ordinal, one]) => podOf(ordinal, one)),
      },
    };
  }

  private access(): NacosAccess {
    return {
      server: (pod, host, version) => {
        this.versions.push(version);
        const ordinal = Number(pod.slice("nacos-".length));
        const server = this.at(ordinal);
        const real = new NacosServer(host, version, () => ({ key: "", value: "" }));
        return Promise.resolve({
          host,
          members: () =>
            server.silence === undefined ? Promise.resolve(this.seenBy(ordinal)) : Promise.reject(server.silence),
          selfIn: (members) => real.selfIn(members),
          counts: () =>
            server.counts instanceof Error
              ? Promise.reject(server.counts)
              : Promise.resolve({
                  connections: 4,
                  configurations: 7,
                  services: 2,
                  instances: 5,
                  persistent: 1,
                  ...server.counts,
                }),
          removePeer: (group, peer) => {
            this.calls.push(`${pod}: ${group} without ${peer}`);
            if (this.removes) this.peers = this.peers.filter((one) => hostOf(one) !== peer);
            return Promise.resolve();
          },
        });
      },
    };
  }

  private seenBy(ordinal: number): Member[] {
    const server = this.at(ordinal);
    const leader = server.leader === undefined ? this.leader : server.leader;
    const metaDataMap = Object.fromEntries(
      (server.groups ?? GROUPS).map((group) => [
        group,
        {
          leader: leader === null ? null : `${hostOf(leader)}:7848`,
          raftGroupMember: (server.peers ?? this.peers).map((peer) => `${hostOf(peer)}:7848`),
        },
      ]),
    );
    const recorded = { members: this.members ?? this.wanted, wanted: this.wanted };
    const length = listLength(ordinal, recorded) ?? nextStep(recorded);
    const list = server.list ?? Array.from({ length }, (_, other) => other);
    return list.map((other) => ({
      address: `${hostOf(other)}:8848`,
      state: server.states[other] ?? "UP",
      extendInfo: { version: server.pod.image?.split(":v")[1] ?? "3.1.0", raftMetaData: { metaDataMap } },
    }));
  }
}

function hostOf(peer: number | string): string {
  return typeof peer === "number" ? `nacos-${peer}.${SUFFIX}` : peer;
}

function podOf(ordinal: number, { pod }: FakeServer): NacosPod {
  const { ready = true, status, image = "nacos/nacos-server:v3.1.0", ...metadata } = pod;
  return {
    metadata: {
      name: `nacos-${ordinal}`,
      uid: String(ordinal),
      creationTimestamp: "2030-01-01T00:00:00Z",
      ...metadata,
    },
    spec: { nodeName: `node-${ordinal}`, containers: [{ name: "nacos", image }] },
    status: status ?? {
      phase: "Running",
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      containerStatuses: [{ name: "nacos", image, restartCount: 0, state: { running: {} } }],
    },
  };
}

/** The status of a pod whose server does not run. */
export function waiting(reason: string): NacosPod["status"] {
  return {
    phase: "Pending",
    containerStatuses: [{ name: "nacos", image: "nacos", restartCount: 0, state: { waiting: { reason } } }],
  };
}

/** The status of a pod whose sidecar does not let the server start. */
export function heldBack(): NacosPod["status"] {
  return {
    ...waiting("PodInitializing"),
    initContainerStatuses: [{ name: "members", image: "node", restartCount: 0, state: { running: {} } }],
  };
}
