import { holds, type Condition } from "./conditions";

/** The part of a pod that says why it is not ready. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly restartCount: number;
  readonly state?: {
    readonly running?: object;
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly finishedAt?: string;
}

/** A problem that keeps a pod from becoming ready, and that waiting does not fix. */
export interface Trouble {
  /** Stays the same while the problem is the same, even if Kubernetes changes its text. */
  readonly kind: string;
  /** In one line. */
  readonly text: string;
  /** A problem that lasts this long is final. */
  readonly finalAfterSeconds: number;
}

/** A registry or a Secret that is only late is available within this time. */
const PULL_SECONDS = 120;
/** A node that is added for the pod is available within this time. */
const SCHEDULE_SECONDS = 300;
/** Kubernetes waits this long before it tries again after four failed starts. */
const BACKOFF_SECONDS = 60;
const MAX_MESSAGE = 1000;

const PULL = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "SignatureValidationFailed"];
const NEVER = ["InvalidImageName", "ErrImageNeverPull"];
const CONFIGURATION = [
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
  "PreCreateHookError",
  "PostStartHookError",
];

/** What keeps a pod from becoming ready, or undefined if it is healthy, starting, or not ready for a reason that may pass. */
export function troubleOf(pod: Pod): Trouble | undefined {
  const homeless = holds(pod, "PodScheduled", "False");
  if (homeless !== undefined)
    return {
      kind: "scheduling",
      text: `no node can run it: ${oneLine(homeless.message ?? homeless.reason)}`,
      finalAfterSeconds: SCHEDULE_SECONDS,
    };
  if (pod.status?.phase === "Failed")
    return {
      kind: "failed",
      text: `it failed: ${oneLine([pod.status.reason, pod.status.message].filter(Boolean).join(": "))}`,
      finalAfterSeconds: PULL_SECONDS,
    };
  return containersOf(pod)
    .map(troubleIn)
    .find((trouble) => trouble !== undefined);
}

/** Remembers how long each problem lasts. @returns a function that takes the current pods and the seconds of a monotonic clock, and returns the final problem, if there is one. */
export function lasting(): (
  pods: readonly Pod[],
  now: number,
) => { readonly pod: Pod; readonly text: string } | undefined {
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

/** Whether a pod is ready and not being deleted. */
export function isReady(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && holds(pod, "Ready") !== undefined;
}

/** Whether a container of the pod runs, ready or not. */
export function isRunning(pod: Pod, container: string): boolean {
  return containersOf(pod).some(({ name, state }) => name === container && state?.running !== undefined);
}

/**
 * How a container of the pod ended last, or undefined if none ended.
 *
 * @param since in milliseconds since 1970: what ended earlier and runs again does not count
 */
export function lastEnd(pod: Pod, since = 0): string | undefined {
  const at = ({ state, lastState }: ContainerStatus) =>
    Date.parse((state?.terminated ?? lastState?.terminated)?.finishedAt ?? "") || 0;
  return containersOf(pod)
    .filter((container) => container.state?.running === undefined || at(container) >= since)
    .sort((a, b) => at(b) - at(a))
    .map(endOf)
    .find((end) => end !== undefined);
}

/** With those of sidecars, which Kubernetes counts among the init containers. */
export function containersOf(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}

function troubleIn(container: ContainerStatus): Trouble | undefined {
  const { reason = "", message } = container.state?.waiting ?? {};
  const kind = (name: string) => `${name} ${container.name}`;
  const said = `${reason}${message === undefined ? "" : `: ${oneLine(message)}`}`;
  if (NEVER.includes(reason))
    return {
      kind: kind("image"),
      text: `container ${container.name}: image ${container.image} cannot be used: ${said}`,
      finalAfterSeconds: 0,
    };
  if (PULL.includes(reason))
    return {
      kind: kind("image"),
      text: `container ${container.name}: image ${container.image} cannot be pulled: ${said}`,
      finalAfterSeconds: PULL_SECONDS,
    };
  if (CONFIGURATION.includes(reason))
    return {
      kind: kind("configuration"),
      text: `container ${container.name} cannot be started: ${said}`,
      finalAfterSeconds: PULL_SECONDS,
    };
  if (reason === "CrashLoopBackOff")
    return {
      kind: kind("crash"),
      text: endOf(container) ?? `container ${container.name}: ${said}`,
      finalAfterSeconds: BACKOFF_SECONDS,
    };
  return undefined;
}

function endOf({ name, restartCount, state, lastState }: ContainerStatus): string | undefined {
  const end = [state?.terminated, lastState?.terminated].find(
    (ended) => ended !== undefined && (ended.exitCode !== 0 || ended.reason === "OOMKilled"),
  );
  if (end === undefined) return undefined;
  const reason = end.reason === undefined || end.reason === "Error" ? "" : ` (${end.reason})`;
  const message = (end.message ?? "").trim();
  return `container ${name} ended with status ${end.exitCode}${reason}, restarted ${restartCount} time${restartCount === 1 ? "" : "s"}${message === "" ? "" : `: ${oneLine(message)}`}`;
}

/** A text on one line. Of a long text only the end is kept, which has the reason. */
export function oneLine(text = "no reason given"): string {
  const line = text.trim().replace(/\s*\n\s*/g, " | ");
  return line.length <= MAX_MESSAGE ? line : `… ${line.slice(-MAX_MESSAGE)}`;
}
