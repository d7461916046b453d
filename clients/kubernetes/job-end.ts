import { pause } from "../pause";
import { mayPass, type KubernetesApi } from "./api";
import { holds, type Conditioned } from "./conditions";
import { lastEnd, lasting, type Pod } from "./pod-trouble";
import { lastWarning } from "./warning";

const POLL_MS = 1000;
/** How long the API server may be unreachable. */
const SILENCE_SECONDS = 120;
/** How long there may be no running pod, while one replaces another. */
const NO_POD_SECONDS = 300;

/**
 * Waits until a Job is complete.
 *
 * @param tell receives the name of the running pod, once
 * @throws Error with its pod's reason if it has failed, cannot begin, or hangs on a node that is lost.
 */
export async function waitForJob(
  api: KubernetesApi,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  tell: (progress: string) => void,
): Promise<void> {
  const seconds = () => performance.now() / 1000;
  const troubles = lasting();
  const path = {
    job: `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`,
    pods: `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`batch.kubernetes.io/job-name=${name}`)}`,
  };
  let answeredAt = seconds();
  let aliveAt = seconds();
  let told = "";
  for (; ; await pause(POLL_MS)) {
    try {
      const job = await api.get<Conditioned>(path.job);
      const pods = (await api.get<{ items: readonly Pod[] }>(path.pods)).items;
      answeredAt = seconds();
      if (holds(job, "Complete") !== undefined) return;
      const failed = holds(job, "Failed");
      if (failed !== undefined)
        throw new Over(
          `Job ${name} has failed: ${lastWords(pods) ?? [failed.reason, failed.message].filter(Boolean).join(": ")}`,
        );
      const stuck = troubles(
        pods.filter(({ status: of }) => of?.phase === "Pending"),
        answeredAt,
      );
      if (stuck !== undefined)
        throw new Over(`Job ${name} cannot begin: pod ${stuck.pod.metadata.name}: ${stuck.text}`);
      const alive = pods.find(
        ({ metadata, status: of }) => metadata.deletionTimestamp === undefined && of?.phase !== "Failed",
      );
      if (alive !== undefined) aliveAt = answeredAt;
      else if (answeredAt - aliveAt > NO_POD_SECONDS)
        throw new Over(`Job ${name} ${await whyNoPod(api, namespace, name, pods)}`);
      const progress = alive?.status?.phase === "Running" ? alive.metadata.name : "";
      if (progress !== "" && progress !== told)
        tell(
          `pod ${progress} is running. It continues if this is interrupted; another update before its end starts it again`,
        );
      told = progress;
    } catch (error) {
      if (error instanceof Over || !mayPass(error) || seconds() - answeredAt > SILENCE_SECONDS) throw error;
    }
  }
}

/** How the newest pod ended, except pods that were evicted or preempted. */
function lastWords(pods: readonly Pod[]): string | undefined {
  const time = ({ metadata }: Pod) => metadata.creationTimestamp ?? "";
  const own = pods.filter((pod) => holds(pod, "DisruptionTarget") === undefined);
  return [...own]
    .sort((one, other) => (time(one) < time(other) ? 1 : -1))
    .map((pod) => lastEnd(pod))
    .find((end) => end !== undefined);
}

async function whyNoPod(api: KubernetesApi, namespace: string, name: string, pods: readonly Pod[]): Promise<string> {
  const ending = pods.find(({ metadata }) => metadata.deletionTimestamp !== undefined);
  if (ending !== undefined)
    return `waits for pod ${ending.metadata.name} to end, whose node ${ending.spec?.nodeName ?? ""} may be lost`;
  const warning = await lastWarning(api, namespace, name);
  return `has no pod${warning === "" ? "" : `: ${warning}`}`;
}

/** A Job will not complete. */
class Over extends Error {}
