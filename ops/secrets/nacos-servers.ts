import type { AddressInfo } from "node:net";
import type { StackCluster } from "../cluster";
import { ApiError } from "../kubernetes/api";
import { openForward } from "../kubernetes/forward";

/** As much of Nacos' StatefulSet as is read here. */
export interface NacosSet {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: { readonly observedGeneration?: number; readonly updateRevision?: string };
}

/** As much of one of its pods. */
export interface NacosPod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly deletionTimestamp?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const REVISION = "controller-revision-hash";
const HTTP = 8848;

/** Nacos' servers of a stack. */
export class NacosServers {
  private readonly base: string;

  constructor(private readonly cluster: Pick<StackCluster, "api" | "namespace" | "config">) {
    this.base = `/api/v1/namespaces/${cluster.namespace}/pods`;
  }

  /** Why not every server is ready, in the revision that was wanted last; undefined if all are. */
  async unsettled(): Promise<string | undefined> {
    const set = await this.set();
    return unsettled(set, await this.pods(set));
  }

  /** Ends the pods of earlier revisions, all at once. They come back in the one that was wanted last. */
  async restartOutdated(): Promise<void> {
    const set = await this.set();
    if (set.status.observedGeneration !== set.metadata.generation) return;
    const outdated = (await this.pods(set)).filter((pod) => pod !== undefined)
      .filter(({ metadata: { labels, deletionTimestamp } }) => labels[REVISION] !== set.status.updateRevision && deletionTimestamp === undefined);
    await Promise.all(outdated.map(({ metadata }) => this.cluster.api.delete(`${this.base}/${metadata.name}`)));
  }

  /** Calls `use` with each server's name and URL, which lead to no other. */
  async each<T>(use: (url: string, name: string) => Promise<T>): Promise<T[]> {
    const { config, namespace } = this.cluster;
    const { spec: { replicas } } = await this.set();
    return Promise.all(namesOf(replicas).map(async (pod) => {
      const tunnel = await openForward(config, { listen: 0, namespace, to: { pod }, port: HTTP });
      try {
        return await use(`http://127.0.0.1:${(tunnel.address() as AddressInfo).port}`, pod);
      } finally {
        tunnel.close();
      }
    }));
  }

  private set(): Promise<NacosSet> {
    return this.cluster.api.get<NacosSet>(`/apis/apps/v1/namespaces/${this.cluster.namespace}/statefulsets/nacos`);
  }

  private pods({ spec: { replicas } }: NacosSet): Promise<(NacosPod | undefined)[]> {
    return Promise.all(namesOf(replicas).map((name) => this.cluster.api.get<NacosPod>(`${this.base}/${name}`).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    })));
  }
}

function namesOf(replicas: number): string[] {
  return Array.from({ length: replicas }, (_, i) => `nacos-${i}`);
}

/** The first thing that is not as it should be, as a clause; undefined if there is none. */
export function unsettled(set: NacosSet, pods: readonly (NacosPod | undefined)[]): string | undefined {
  const { observedGeneration, updateRevision } = set.status;
  if (observedGeneration !== set.metadata.generation) return "Kubernetes has not begun to restart Nacos' servers";
  for (const [i, pod] of pods.entries()) {
    const name = `nacos-${i}`;
    if (pod === undefined) return `${name} is not there`;
    if (pod.metadata.deletionTimestamp !== undefined) return `${name} is being ended`;
    if (pod.metadata.labels[REVISION] !== updateRevision) return `${name} has not been restarted`;
    if (pod.status.conditions?.find(({ type }) => type === "Ready")?.status !== "True") return `${name} is not ready`;
  }
  return undefined;
}
