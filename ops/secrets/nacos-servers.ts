import type { AddressInfo } from "node:net";
import type { StackCluster } from "../cluster";
import { openForward } from "../../clients/kubernetes/forward";
import { isRunning, type Pod } from "../../clients/kubernetes/pod-trouble";
import { isRolledOut, selectorOf, waitForRollout, type StatefulSet } from "../../clients/kubernetes/rollout";

const NAME = "nacos";
const HTTP = 8848;
/** When to give up, counted from the last server that became ready. */
const STALLED_SECONDS = 600;

/** Nacos' servers of a stack. */
export class NacosServers {
  constructor(private readonly cluster: Pick<StackCluster, "api" | "namespace" | "config">) {}

  /** Whether every server is ready, in the revision that was wanted last. */
  async areReady(): Promise<boolean> {
    return isRolledOut(await this.set());
  }

  /** Waits for that. @throws Error with the pod and its reason if it will not be. */
  waitUntilReady(tell: (progress: string) => void): Promise<void> {
    const { api, namespace } = this.cluster;
    return waitForRollout(api, { namespace, name: NAME, stalledAfterSeconds: STALLED_SECONDS }, tell);
  }

  /** @throws Error if the kubeconfig's account may not end pods, which it has to for all servers to restart at once. */
  async checkRestartable(): Promise<void> {
    const { api, namespace } = this.cluster;
    const review = { spec: { resourceAttributes: { namespace, verb: "delete", resource: "pods" } } };
    const { status } = await api.create<{ status: { allowed: boolean } }>("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
    if (!status.allowed) throw new Error(`the account of your kubeconfig may not delete pods in namespace ${namespace}`);
  }

  /** Ends the pods of earlier revisions, all at once, as soon as a server of the newest one has begun to run. They come back in the one that was wanted last. */
  async restartOutdated(): Promise<void> {
    const { api, namespace } = this.cluster;
    const set = await this.set();
    const { metadata, status = {} } = set;
    if (status.observedGeneration !== metadata.generation) return;
    const { items } = await api.get<{ items: readonly Pod[] }>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selectorOf(set))}`);
    const isNew = (pod: Pod) => pod.metadata.labels?.["controller-revision-hash"] === status.updateRevision;
    // One server shows that the new revision starts at all: an image that cannot be pulled must not end the others.
    if (!items.some((pod) => isNew(pod) && isRunning(pod, NAME))) return;
    const outdated = items.filter((pod) => !isNew(pod) && pod.metadata.deletionTimestamp === undefined);
    await Promise.all(outdated.map((pod) => api.delete(`/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}`)));
  }

  /** Calls `use` with each server's URL, which leads to no other, and its name. */
  async each<T>(use: (url: string, name: string) => Promise<T>): Promise<T[]> {
    const { config, namespace } = this.cluster;
    const { spec: { replicas } } = await this.set();
    return Promise.all(Array.from({ length: replicas }, async (_, i) => {
      const pod = `${NAME}-${i}`;
      const tunnel = await openForward(config, { listen: 0, namespace, to: { pod }, port: HTTP });
      try {
        return await use(`http://127.0.0.1:${(tunnel.address() as AddressInfo).port}`, pod);
      } finally {
        tunnel.close();
      }
    }));
  }

  private set(): Promise<StatefulSet> {
    return this.cluster.api.get<StatefulSet>(`/apis/apps/v1/namespaces/${this.cluster.namespace}/statefulsets/${NAME}`);
  }
}
