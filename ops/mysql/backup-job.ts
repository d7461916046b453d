import { holds, type Condition, type Conditioned } from "../../clients/kubernetes/conditions";
import { pause } from "../../clients/pause";
import { clusterOf } from "../cluster";
import { Failure, Refusal } from "../../contract/refusal";
import { required } from "../required";

/** What the commands about backups need from their environment. */
export interface JobContext {
  readonly namespace: string;
  /** The API server: `KubernetesApi` in `ops`, something simpler in tests. */
  readonly api: {
    get<T>(path: string): Promise<T>;
    /** For example the log of a container. */
    text(path: string): Promise<string>;
    create<T>(path: string, body: object): Promise<T>;
    patch<T>(path: string, body: object): Promise<T>;
  };
  say(line: string): void;
  now(): Date;
  sleep(milliseconds: number): Promise<void>;
}

/** The cluster of a stack, and output to the terminal. */
export function jobContextOf(stack: string): JobContext {
  const { api, namespace } = clusterOf(stack);
  return {
    namespace,
    api,
    say: (line) => console.log(line),
    now: () => new Date(),
    sleep: (milliseconds) => pause(milliseconds),
  };
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
}

interface Container {
  readonly name: string;
  readonly env?: readonly EnvVar[];
}

interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}

interface Template {
  readonly metadata?: object;
  readonly spec: { readonly template: { readonly metadata?: object; readonly spec: PodSpec } };
}

/** The part of a CronJob from which a Job is made. */
export interface CronJob {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly jobTemplate: Template };
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly terminated?: {
      readonly exitCode: number;
      readonly reason?: string;
      readonly message?: string;
      readonly finishedAt?: string;
    };
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
  };
}

export interface PodList {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly creationTimestamp: string;
      readonly deletionTimestamp?: string;
    };
    readonly status?: {
      readonly conditions?: readonly Condition[];
      readonly initContainerStatuses?: readonly ContainerStatus[];
      readonly containerStatuses?: readonly ContainerStatus[];
    };
  }[];
}

export interface JobResult {
  readonly succeeded: boolean;
  /** The container that ended the Job; undefined if its pod was lost, so that nobody knows how far it came. */
  readonly step?: string;
  /** The last message of that container. */
  readonly message: string;
}

const POLL_MS = 2000;
/** How often an unanswered request is repeated: for about 10 minutes. */
const ATTEMPTS = 100;

/**
 * Starts a Job from a CronJob of the stack, waits until it ends, and returns its last message. Each change of step is printed.
 *
 * @param values environment variables to replace, by name, in every container that has them
 * @throws Refusal if the stack has no such CronJob, or one of its Jobs is running.
 */
export async function runJob(
  context: JobContext,
  cronJobName: string,
  values: Readonly<Record<string, string>> = {},
): Promise<JobResult> {
  return endOf(context, await startJob(context, cronJobName, values));
}

/**
 * The CronJob, if a Job can be made from it now.
 *
 * @throws Refusal if the stack has no such CronJob, or one of its Jobs is running.
 */
export async function requireStartable(context: JobContext, cronJobName: string): Promise<CronJob> {
  const { api, namespace } = context;
  const asked = api.get<CronJob>(`/apis/batch/v1/namespaces/${namespace}/cronjobs/${cronJobName}`);
  const cronJob = await required(
    asked,
    "BACKUP_NOT_CONFIGURED",
    namespace,
    `CronJob ${cronJobName}`,
    "the stack has no backups, or was not updated since backups were configured.",
  );
  await requireNoneRuns(context, cronJobName);
  return cronJob;
}

/**
 * The first half of {@link runJob}. Returns the Job's name.
 *
 * @throws Failure if the Job may exist all the same; after any other error it does not.
 */
export async function startJob(
  context: JobContext,
  cronJobName: string,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const { api, namespace } = context;
  const cronJob = await requireStartable(context, cronJobName);
  const name = `${cronJobName}-${stamp(context.now()).toLowerCase()}`;
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  await api.create(jobs, jobFrom(cronJob, name, values)).catch(async (error: unknown) => {
    const { status = 500 } = error as { status?: number };
    if (status < 500) throw error;
    // The Job may have been created, and the answer lost.
    const found = await patiently(context, () => api.get<Conditioned>(`${jobs}/${name}`).catch(ifMissing)).catch(() => {
      throw new Failure(
        "BACKUP_JOB_UNCONFIRMED",
        `the API server has not answered whether it created Job ${name}: ${(error as Error).message}. When it answers again, check: kubectl --namespace ${namespace} get job ${name}`,
      );
    });
    if (found === undefined) throw error;
  });
  context.say(
    `Job ${name} has started; \`kubectl --namespace ${namespace} logs --follow --all-containers job/${name}\` shows its progress.`,
  );
  return name;
}

/** Nothing if the API server answers that there is no such object. */
function ifMissing(error: unknown): undefined {
  if ((error as { status?: number }).status !== 404) throw error;
}

/** The second half: waits until the Job ends, and returns its last message. */
export async function endOf(context: JobContext, name: string): Promise<JobResult> {
  const { api, namespace } = context;
  let said = "";
  for (;;) {
    const job = await patiently(context, () =>
      api.get<Conditioned>(`/apis/batch/v1/namespaces/${namespace}/jobs/${name}`),
    );
    const end = holds(job, "Complete") ?? holds(job, "Failed");
    const pods = await patiently(context, () =>
      api.get<PodList>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`job-name=${name}`)}`),
    );
    if (end !== undefined)
      return {
        succeeded: end.type === "Complete",
        message: end.message ?? end.reason ?? "it left no message",
        ...lastWords(pods, end.type === "Complete"),
      };
    const step = currentStep(pods);
    if (step !== said) context.say(`  ${step}`);
    said = step;
    await context.sleep(POLL_MS);
  }
}

interface JobList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly ownerReferences?: readonly { readonly name: string }[] };
    readonly status?: { readonly active?: number };
  }[];
}

/** @throws Refusal if one is running, scheduled or left by a command that was interrupted. */
async function requireNoneRuns({ api, namespace }: JobContext, cronJobName: string): Promise<void> {
  const { items } = await api.get<JobList>(`/apis/batch/v1/namespaces/${namespace}/jobs`);
  const running = items.find(
    ({ metadata, status }) =>
      (status?.active ?? 0) > 0 && metadata.ownerReferences?.some(({ name }) => name === cronJobName),
  );
  if (running === undefined) return;
  throw new Refusal(
    "BACKUP_JOB_RUNNING",
    `Job ${running.metadata.name} is running. Wait until it ends: kubectl --namespace ${namespace} logs --follow --all-containers job/${running.metadata.name}`,
  );
}

/** Asks again if the API server does not answer: a Job continues, whatever happens to the process that watches it. */
async function patiently<T>(context: JobContext, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      if (attempt === 1)
        context.say(
          `  the API server does not answer (${(error as Error).message}), asking again; a Job that has started continues`,
        );
      await context.sleep(POLL_MS);
    }
  }
}

/** As `kubectl create job --from` does it: the CronJob owns the Job, so that its history limits apply. */
export function jobFrom(cronJob: CronJob, name: string, values: Readonly<Record<string, string>>): object {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const set = (containers: readonly Container[] = []): Container[] =>
    containers.map((container) => ({
      ...container,
      env: (container.env ?? []).map((variable) =>
        variable.name in values ? { name: variable.name, value: values[variable.name] } : variable,
      ),
    }));
  const pod = spec.template.spec;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...metadata,
      name,
      annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
      ownerReferences: [
        {
          apiVersion: "batch/v1",
          kind: "CronJob",
          name: cronJob.metadata.name,
          uid: cronJob.metadata.uid,
          controller: true,
        },
      ],
    },
    spec: {
      ...spec,
      template: {
        ...spec.template,
        spec: { ...pod, initContainers: set(pod.initContainers), containers: set(pod.containers) },
      },
    },
  };
}

/** A time in the form that the names of backups and Jobs have: 20261231T235959Z. */
export function stamp(moment: Date): string {
  return moment.toISOString().replace(/[-:]|\.\d+/g, "");
}

export function newestOf(pods: PodList): PodList["items"][number] | undefined {
  return [...pods.items]
    .sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
    .at(-1);
}

function statuses(pods: PodList): ContainerStatus[] {
  const newest = newestOf(pods);
  return [...(newest?.status?.initContainerStatuses ?? []), ...(newest?.status?.containerStatuses ?? [])];
}

/** Kubernetes knows nothing newer of a pod whose node is lost: only a container that has failed tells which ones never began. */
function lastWords(pods: PodList, succeeded: boolean): Pick<JobResult, "step" | "message"> | undefined {
  const ended = statuses(pods).filter((status) => status.state?.terminated !== undefined);
  const decisive = succeeded ? ended.at(-1) : ended.find((status) => status.state?.terminated?.exitCode !== 0);
  const terminated = decisive?.state?.terminated;
  if (decisive === undefined || terminated === undefined) return undefined;
  return {
    step: decisive.name,
    message:
      terminated.message?.trim() ??
      `container ${decisive.name} ended with status ${terminated.exitCode} (${terminated.reason ?? "no reason given"})`,
  };
}

function currentStep(pods: PodList): string {
  const { name, deletionTimestamp } = newestOf(pods)?.metadata ?? {};
  if (deletionTimestamp !== undefined)
    return `its pod is being deleted; if its node is lost for good: kubectl delete pod ${name} --force`;
  const all = statuses(pods);
  const open = all.find((status) => status.state?.terminated === undefined);
  if (open === undefined && all.length > 0) return "ending";
  if (open === undefined) {
    const homeless = holds(newestOf(pods) ?? {}, "PodScheduled", "False");
    return homeless === undefined ? "waiting for a pod" : `its pod finds no node: ${homeless.message ?? ""}`;
  }
  const waiting = open.state?.waiting;
  if (waiting !== undefined && waiting.reason !== "PodInitializing")
    return `${open.name}: ${waiting.reason ?? "waiting"} ${waiting.message ?? ""}`.trimEnd();
  return open.name;
}
