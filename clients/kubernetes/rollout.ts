import { pause } from "../pause";
import { ApiError, mayPass, type KubernetesApi } from "./api";
import { isReady, lastEnd, lasting, troubleOf, type Pod } from "./pod-trouble";
import { lastWarning } from "./warning";

/** The part of a StatefulSet that shows the progress of a rollout. */
export interface StatefulSet {
  readonly metadata: {
    readonly name: string;
    readonly generation: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly updateStrategy?: { readonly rollingUpdate?: { readonly partition?: number } };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
  };
}

interface List<T> {
  readonly items: readonly T[];
}

interface Obstacle {
  readonly pod?: Pod;
  readonly text: string;
  /** Whether the reason, if there is one, is in the events. */
  readonly unexplained?: true;
}

/** How many servers get the newest revision: those below the partition of the update strategy stay as they are. */
function updating({ spec: { replicas, updateStrategy } }: StatefulSet): number {
  return Math.max(0, replicas - (updateStrategy?.rollingUpdate?.partition ?? 0));
}

/** Whether all servers that get the newest revision run it, and all servers are ready, by a status that belongs to the newest specification. */
export function isRolledOut(set: StatefulSet): boolean {
  const {
    metadata,
    spec: { replicas },
    status = {},
  } = set;
  const {
    observedGeneration = 0,
    replicas: pods = 0,
    readyReplicas = 0,
    updatedReplicas = 0,
    availableReplicas = 0,
    currentRevision,
    updateRevision,
  } = status;
  return (
    observedGeneration >= metadata.generation &&
    // While some servers stay as they are, their revision remains the current one.
    (currentRevision === updateRevision || updating(set) < replicas) &&
    updatedReplicas >= updating(set) &&
    [pods, readyReplicas, availableReplicas].every((count) => count === replicas)
  );
}

/** Watches a rollout: remembers when a server last became ready. */
export class Rollout {
  private readonly troubles = lasting();
  private revision: string | undefined;
  private best = 0;

  /**
   * @param stalledAfterSeconds when to give up, counted from the last server that became ready
   * @param progressAt now, in seconds of a monotonic clock
   */
  constructor(
    private readonly stalledAfterSeconds: number,
    private progressAt: number,
  ) {}

  /** How many servers run the newest revision and are ready. */
  get done(): number {
    return this.best;
  }

  /** Checks the current pods. @returns what is wrong if waiting longer does not help. */
  look({ metadata, spec, status = {} }: StatefulSet, pods: readonly Pod[], now: number): Obstacle | undefined {
    const revision = (status.observedGeneration ?? 0) >= metadata.generation ? status.updateRevision : undefined;
    const updated = pods.filter(
      (pod) => revision !== undefined && pod.metadata.labels?.["controller-revision-hash"] === revision,
    );
    const done = updated.filter(isReady).length;
    if (revision !== this.revision || done > this.best)
      [this.revision, this.best, this.progressAt] = [revision, done, now];
    return (
      this.troubles(updated, now) ??
      (now - this.progressAt < this.stalledAfterSeconds ? undefined : obstacle(spec.replicas, pods, updated))
    );
  }
}

/** What blocks a rollout, as far as its pods show it. */
function obstacle(replicas: number, pods: readonly Pod[], updated: readonly Pod[]): Obstacle {
  const ending = pods.find(({ metadata }) => metadata.deletionTimestamp !== undefined);
  if (ending !== undefined)
    return { pod: ending, text: `it does not end; its node ${ending.spec?.nodeName ?? ""} may be lost` };
  const unready = updated.find((pod) => !isReady(pod));
  const explained = unready && (troubleOf(unready)?.text ?? lastEnd(unready));
  if (unready !== undefined)
    return {
      pod: unready,
      ...(explained === undefined ? { text: "it is not ready", unexplained: true } : { text: explained }),
    };
  if (pods.length < replicas)
    return { text: `only ${pods.length} of ${replicas} pods were created`, unexplained: true };
  return { text: "the StatefulSet controller makes no progress" };
}

export interface RolloutOf {
  readonly namespace: string;
  /** Name of the StatefulSet. */
  readonly name: string;
  readonly stalledAfterSeconds: number;
}

const POLL_MS = 1000;

/**
 * Waits until a StatefulSet is rolled out.
 *
 * @param tell receives each change of the progress
 * @throws Error with the pod and its reason if the rollout cannot finish.
 */
export async function waitForRollout(
  api: KubernetesApi,
  { namespace, name, stalledAfterSeconds }: RolloutOf,
  tell: (progress: string) => void,
): Promise<void> {
  const seconds = () => performance.now() / 1000;
  const rollout = new Rollout(stalledAfterSeconds, seconds());
  const pods = (set: StatefulSet) =>
    api.get<List<Pod>>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selectorOf(set))}`);
  let answeredAt = seconds();
  let told = "";
  for (;;) {
    try {
      const set = await api.get<StatefulSet>(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`);
      if (isRolledOut(set)) return;
      const wrong = rollout.look(set, (await pods(set)).items, seconds());
      answeredAt = seconds();
      const count = updating(set);
      const progress = `${rollout.done} of ${count} server${count === 1 ? "" : "s"} of the new revision ready`;
      if (wrong !== undefined) {
        const reason = wrong.unexplained ? await lastWarning(api, namespace, wrong.pod?.metadata.name ?? name) : "";
        throw new Stopped(
          `${wrong.pod === undefined ? "" : `pod ${wrong.pod.metadata.name}: `}${wrong.text}${reason === "" ? "" : `: ${reason}`}. ${progress}`,
        );
      }
      if (progress !== told) tell(progress);
      told = progress;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404)
        throw new Stopped(
          `StatefulSet ${name} is gone from namespace ${namespace}. \`pulumi up --refresh\` creates it again`,
        );
      if (error instanceof Stopped || !mayPass(error)) throw error;
      if (seconds() - answeredAt > stalledAfterSeconds) throw error;
    }
    await pause(POLL_MS);
  }
}

/** A rollout will not finish. */
class Stopped extends Error {}

/** The label selector of a StatefulSet's pods, as a query. */
export function selectorOf({ spec }: StatefulSet): string {
  return Object.entries(spec.selector.matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
