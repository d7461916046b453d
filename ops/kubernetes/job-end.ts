import { pause } from "../pause";
import { mayPass, type KubernetesApi } from "./api";
import { lastEnd, lasting, type Pod } from "./pod-trouble";

interface Job {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[] };
}

const POLL_MS = 1000;
/** For so long the API server may be away. */
const SILENCE_MS = 120_000;

/**
 * Waits until a Job is complete.
 *
 * @throws Error with its pod's own reason if it has failed, or cannot begin.
 */
export async function waitForJob(api: KubernetesApi, { namespace, name }: { readonly namespace: string; readonly name: string }): Promise<void> {
  const troubles = lasting();
  let answeredAt = performance.now();
  for (;; await pause(POLL_MS)) {
    try {
      const { status } = await api.get<Job>(`/apis/batch/v1/namespaces/${namespace}/jobs/${name}`);
      const { items: pods } = await api.get<{ items: readonly Pod[] }>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`batch.kubernetes.io/job-name=${name}`)}`);
      answeredAt = performance.now();
      const holds = (type: string) => status?.conditions?.find((condition) => condition.type === type && condition.status === "True");
      if (holds("Complete") !== undefined) return;
      const failed = holds("Failed");
      if (failed !== undefined) throw new Over(`Job ${name} has failed: ${pods.map(lastEnd).find((end) => end !== undefined) ?? [failed.reason, failed.message].filter(Boolean).join(": ")}`);
      const stuck = troubles(pods.filter((pod) => pod.status?.phase === "Pending"), answeredAt / 1000);
      if (stuck !== undefined) throw new Over(`Job ${name} cannot begin: pod ${stuck.pod.metadata.name}: ${stuck.text}`);
    } catch (error) {
      if (error instanceof Over || !mayPass(error) || performance.now() - answeredAt > SILENCE_MS) throw error;
    }
  }
}

/** That a Job will not complete. */
class Over extends Error {}
