/** As much of a pod as says why it does not serve. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly creationTimestamp?: string; readonly deletionTimestamp?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly restartCount: number;
  readonly state?: { readonly running?: object; readonly waiting?: { readonly reason?: string; readonly message?: string }; readonly terminated?: Terminated };
  readonly lastState?: { readonly terminated?: Terminated };
}

interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

/** What keeps a pod from serving, and that waiting does not mend. */
export interface Trouble {
  /** The same for as long as it is the same trouble, whatever words Kubernetes has for it at the moment. */
  readonly kind: string;
  /** In one line. */
  readonly text: string;
  /** What lasts for so long is final. */
  readonly finalAfterSeconds: number;
}

/** A registry or a Secret that is late has come within this time. */
const PULL_SECONDS = 120;
/** A node that is added for the pod has come within this time. */
const SCHEDULE_SECONDS = 300;
/** Kubernetes waits for so long before it tries again after four failed starts. */
const BACKOFF_SECONDS = 60;
const MAX_MESSAGE = 400;

const PULL = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "SignatureValidationFailed"];
const NEVER = ["InvalidImageName", "ErrImageNeverPull"];
const CONFIGURATION = ["CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError", "PostStartHookError"];

/** What keeps a pod from serving, or undefined if it is well, starting, or not ready for a reason that may pass. */
export function troubleOf(pod: Pod): Trouble | undefined {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") return { kind: "scheduling", text: `no node can take it: ${oneLine(scheduled.message ?? scheduled.reason)}`, finalAfterSeconds: SCHEDULE_SECONDS };
  if (pod.status?.phase === "Failed") return { kind: "failed", text: `it failed: ${oneLine([pod.status.reason, pod.status.message].filter(Boolean).join(": "))}`, finalAfterSeconds: PULL_SECONDS };
  return containersOf(pod).map(troubleIn).find((trouble) => trouble !== undefined);
}

/** Remembers since when each trouble lasts. @returns what gives, of pods as they are now, in seconds of a clock that only goes forward, the one that is final. */
export function lasting(): (pods: readonly Pod[], now: number) => { readonly pod: Pod; readonly text: string } | undefined {
  const since = new Map<string, number>();
  return (pods, now) => {
    const current = pods.flatMap((pod) => {
      const trouble = troubleOf(pod);
      return trouble === undefined ? [] : [{ pod, trouble, key: `${pod.metadata.uid} ${trouble.kind}` }];
    });
    for (const key of since.keys()) if (!current.some((entry) => entry.key === key)) since.delete(key);
    for (const { key } of current) since.set(key, since.get(key) ?? now);
    const final = current.find(({ key, trouble }) => now - (since.get(key) ?? now) >= trouble.finalAfterSeconds);
    return final && { pod: final.pod, text: final.trouble.text };
  };
}

/** Whether a pod serves. */
export function isReady(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

/** Whether a container of the pod runs, serving or not yet. */
export function isRunning(pod: Pod, container: string): boolean {
  return pod.status?.containerStatuses?.some(({ name, state }) => name === container && state?.running !== undefined) === true;
}

/** The last end of a container of the pod, or undefined if none ended. */
export function lastEnd(pod: Pod): string | undefined {
  return containersOf(pod).map(endOf).find((end) => end !== undefined);
}

function containersOf(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}

function troubleIn(container: ContainerStatus): Trouble | undefined {
  const { reason = "", message } = container.state?.waiting ?? {};
  const kind = (name: string) => `${name} ${container.name}`;
  const said = `${reason}${message === undefined ? "" : `: ${oneLine(message)}`}`;
  if (NEVER.includes(reason)) return { kind: kind("image"), text: `container ${container.name}: image ${container.image} cannot be used: ${said}`, finalAfterSeconds: 0 };
  if (PULL.includes(reason)) return { kind: kind("image"), text: `container ${container.name}: image ${container.image} cannot be pulled: ${said}`, finalAfterSeconds: PULL_SECONDS };
  if (CONFIGURATION.includes(reason)) return { kind: kind("configuration"), text: `container ${container.name} cannot be started: ${said}`, finalAfterSeconds: PULL_SECONDS };
  if (reason === "CrashLoopBackOff") return { kind: kind("crash"), text: endOf(container) ?? `container ${container.name}: ${said}`, finalAfterSeconds: BACKOFF_SECONDS };
  return undefined;
}

function endOf({ name, restartCount, state, lastState }: ContainerStatus): string | undefined {
  const end = [state?.terminated, lastState?.terminated].find((ended) => ended !== undefined && (ended.exitCode !== 0 || ended.reason === "OOMKilled"));
  if (end === undefined) return undefined;
  const reason = end.reason === undefined || end.reason === "Error" ? "" : ` (${end.reason})`;
  const message = (end.message ?? "").trim();
  return `container ${name} ended with status ${end.exitCode}${reason}, restarted ${restartCount} time${restartCount === 1 ? "" : "s"}${message === "" ? "" : `: ${oneLine(message)}`}`;
}

/** A text in one line; of a long one the end, which has the reason. */
export function oneLine(text = "no reason given"): string {
  const line = text.trim().replace(/\s*\n\s*/g, " | ");
  return line.length <= MAX_MESSAGE ? line : `… ${line.slice(-MAX_MESSAGE)}`;
}
