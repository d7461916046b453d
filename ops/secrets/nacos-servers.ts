import type { AddressInfo } from "node:net";
import type { StackCluster } from "../cluster";
import { Refusal } from "../../contract/refusal";
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

  /** Whether every server is ready, in the newest revision. */
  async areReady(): Promise<boolean> {
    return isRolledOut(await this.set());
  }

  /** Waits for that. @throws Error with the pod and its reason if that will not happen. */
  waitUntilReady(tell: (progress: string) => void): Promise<void> {
    const { api, namespace } = this.cluster;
    return waitForRollout(api, { namespace, name: NAME, stalledAfterSeconds: STALLED_SECONDS }, tell);
  }

  /** @throws Refusal if the kubeconfig's account may not delete pods, which is necessary to restart all servers at once. */
  async checkRestartable(): Promise<void> {
    const { api, namespace } = this.cluster;
    const review = { spec: { resourceAttributes: { namespace, verb: "delete", resource: "pods" } } };
    const { status } = await api.create<{ status: { allowed: boolean } }>(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      review,
    );
    if (!status.allowed)
      throw new Refusal(
        "SECRETS_RESTART_FORBIDDEN",
        `the account of your kubeconfig may not delete pods in namespace ${namespace}`,
      );
  }

  /** Deletes the pods of earlier revisions, all at once, as soon as a server of the newest revision runs. They come back in the newest revision. */
  async restartOutdated(): Promise<void> {
    const { api, namespace } = this.cluster;
    const set = await this.set();
    const { metadata, status = {} } = set;
    if (status.observedGeneration !== metadata.generation) return;
    const { items } = await api.get<{ items: readonly Pod[] }>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selectorOf(set))}`,
    );
    const isNew = (pod: Pod) => pod.metadata.labels?.["controller-revision-hash"] === status.updateRevision;
    // One running server shows that the new revision can start: if its image cannot be pulled, the others must not be deleted.
    if (!items.some((pod) => isNew(pod) && isRunning(pod, NAME))) return;
    const outdated = items.filter((pod) => !isNew(pod) && pod.metadata.deletionTimestamp === undefined);
    await Promise.all(outdated.map((pod) => api.delete(`/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}`)));
  }

  /** Calls `use` with each server's URL, which leads only to that server, and its name. */
  async each<T>(use: (url: string, name: string) => Promise<T>): Promise<T[]> {
    const { config, namespace } = this.cluster;
    const {
      spec: { replicas },
    } = await this.set();
    return Promise.all(
      Array.from({ length: replicas }, async (_, i) => {
        const pod = `${NAME}-${i}`;
        const tunnel = await openForward(config, { listen: 0, namespace, to: { pod }, port: HTTP });
        try {
          return await use(`http://127.0.0.1:${(tunnel.address() as AddressInfo).port}`, pod);
        } finally {
          tunnel.close();
        }
      }),
    );
  }

  private set(): Promise<StatefulSet> {
    return this.cluster.api.get<StatefulSet>(`/apis/apps/v1/namespaces/${this.cluster.namespace}/statefulsets/${NAME}`);
  }
}
