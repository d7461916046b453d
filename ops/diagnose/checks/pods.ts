import { containersOf, isReady, lastEnd, troubleOf } from "../../../clients/kubernetes/pod-trouble";
import { problem, watchOne, type Check, type Found } from "../check";
import type { Pod } from "../world";

const RUNBOOK = "docs/runbooks/incident-pod.md";
/** How long the last restart of a container is worth a word. */
const RECENT_MS = 600_000;
/** How many restarts are not an accident. */
const MANY = 3;

/** Whether a pod belongs to a Job: it need not be ready, and its end is the Job's matter. */
function isOfJob({ metadata }: Pod): boolean {
  return metadata.ownerReferences?.some(({ kind }) => kind === "Job") === true;
}

/** Pods that should serve and do not, and those of Jobs that cannot begin. */
export function unhealthy(pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => {
    const phase = pod.status?.phase;
    if (phase === "Succeeded" || (phase === "Failed" && isOfJob(pod))) return false;
    return isOfJob(pod) ? troubleOf(pod) !== undefined : !isReady(pod);
  });
}

/** Why a pod is not ready, in one line. */
function why(pod: Pod, now: number): string {
  const { deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined)
    return Date.parse(deletionTimestamp) < now
      ? `does not end: it should have by ${deletionTimestamp}, and node ${pod.spec?.nodeName ?? "none"} may be lost`
      : "is ending";
  return troubleOf(pod)?.text ?? lastEnd(pod, now - RECENT_MS) ?? `is ${pod.status?.phase ?? "new"} and not ready`;
}

/** Whether a container of a pod was restarted recently, for lack of memory or again and again. */
function restarts(pod: Pod, now: number): boolean {
  return containersOf(pod).some(({ restartCount, lastState }) => {
    const { finishedAt, reason } = lastState?.terminated ?? {};
    const isRecent = finishedAt !== undefined && now - Date.parse(finishedAt) < RECENT_MS;
    return isRecent && (reason === "OOMKilled" || restartCount >= MANY);
  });
}

export function evaluatePods(pods: readonly Pod[], now: number): Found {
  const serving = pods.filter((pod) => !isOfJob(pod));
  const troubled = unhealthy(pods);
  const restarting = serving.filter((pod) => !troubled.includes(pod) && restarts(pod, now));
  const found = [
    ...troubled.map((pod) => ({ pod, reason: why(pod, now) })),
    ...restarting.map((pod) => ({
      pod,
      reason: `is ready, but was restarted recently: ${lastEnd(pod) ?? "no reason given"}`,
    })),
  ].map(({ pod: { metadata }, reason }) => ({
    reason: `${metadata.name}: ${reason}`,
    fix: `kubectl describe pod ${metadata.name}; ${RUNBOOK}`,
  }));
  return {
    summary: `${serving.filter(isReady).length} of ${serving.length} ready`,
    problems: serving.length === 0 ? [problem("escalate", "no pod runs in the namespace", RUNBOOK)] : watchOne(found),
  };
}

export const pods: Check = {
  name: "pods",
  look: async (world) => evaluatePods(await world.pods(), world.now),
};
