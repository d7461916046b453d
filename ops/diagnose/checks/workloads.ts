import { holds, type Conditioned } from "../../../clients/kubernetes/conditions";
import { isRolledOut, type StatefulSet } from "../../../clients/kubernetes/rollout";
import { BACKUP_CRON_JOBS, OBJECTS, STOPPED_BY_RESTORE } from "../../../contract/objects";
import { problem, type Check, type Found, type Problem } from "../check";

export interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly replicas?: number };
  readonly status?: Conditioned["status"] & { readonly readyReplicas?: number };
}

export interface Job extends Conditioned {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp?: string;
    readonly ownerReferences?: readonly { readonly name: string }[];
  };
}

export interface Workloads {
  readonly sets: readonly StatefulSet[];
  readonly deployments: readonly Deployment[];
  readonly jobs: readonly Job[];
}

const RUNBOOK = "docs/runbooks/incident-pod.md";
const UPDATE = "docs/runbooks/pulumi-up.md";
const RESTORE = "docs/runbooks/mysql-restore.md";

/** Whether a restore in place has stopped a StatefulSet. Its pods started by hand leave the annotation. */
function isStoppedByRestore({ metadata, spec }: StatefulSet): boolean {
  return spec.replicas === 0 && metadata.annotations?.[STOPPED_BY_RESTORE] !== undefined;
}

/** Nacos must not start on databases that are half restored. Nothing if no restore in place has stopped it. */
export function unendedRestore(sets: readonly StatefulSet[]): Problem[] {
  return sets
    .filter(isStoppedByRestore)
    .map(({ metadata: { name } }) =>
      problem(
        "stop",
        `a restore in place has not ended: it has stopped StatefulSet ${name}, and the databases may be incomplete`,
        `ops mysql restore with the same options, unless it is still running; ${RESTORE}`,
      ),
    );
}

/** @param needed StatefulSets that every such stack has */
export function evaluateWorkloads({ sets, deployments, jobs }: Workloads, needed: readonly string[]): Found {
  const missing = needed.filter((name) => !sets.some(({ metadata }) => metadata.name === name));
  const counted = [
    ...sets.map((set) => ({ kind: "StatefulSet", set, ...set, replicas: set.spec.replicas })),
    ...deployments.map((one) => ({ kind: "Deployment", set: undefined, ...one, replicas: one.spec.replicas ?? 1 })),
  ].map(({ kind, set, metadata, status, replicas }) => ({
    name: `${kind} ${metadata.name}`,
    set,
    ready: status?.readyReplicas ?? 0,
    replicas,
  }));
  const problems: Problem[] = [
    ...unendedRestore(sets),
    ...missing.map((name) =>
      problem("escalate", `StatefulSet ${name} does not exist`, `pulumi up --refresh; ${UPDATE}`),
    ),
    ...counted.flatMap(({ name, set, ready, replicas }) => {
      if (set !== undefined && isStoppedByRestore(set)) return [];
      if (replicas === 0)
        return problem(
          "escalate",
          `${name} wants 0 pods: it is stopped`,
          `pulumi up, which says who changed it; ${UPDATE}`,
        );
      if (ready === 0 || (ready * 2 <= replicas && replicas > 2))
        return problem(
          "escalate",
          `${name} has ${ready} of ${replicas} pods ready: ${ready === 0 ? "it is down" : "it has no majority"}`,
          RUNBOOK,
        );
      if (ready < replicas) return problem("watch", `${name} has ${ready} of ${replicas} pods ready`, RUNBOOK);
      return set === undefined || isRolledOut(set)
        ? []
        : problem(
            "watch",
            `${name} runs pods of two revisions: an update is running, or has stopped half-way`,
            `pulumi up; ${UPDATE}`,
          );
    }),
    ...deployments.flatMap((deployment) => {
      const stuck = holds(deployment, "Progressing", "False");
      if (stuck === undefined) return [];
      return problem(
        "watch",
        `Deployment ${deployment.metadata.name} does not roll out: ${stuck.message ?? ""}`,
        UPDATE,
      );
    }),
    ...jobs.filter((job) => isFailed(job) && !isOfBackups(job) && isNewest(job, jobs)).map(failed),
  ];
  return {
    summary: counted.map(({ name, ready, replicas }) => `${name.split(" ")[1]} ${ready}/${replicas}`).join(", "),
    problems,
  };
}

export function isFailed(job: Job): boolean {
  return holds(job, "Failed") !== undefined;
}

export function ownerOf({ metadata }: Job): string | undefined {
  return metadata.ownerReferences?.[0]?.name;
}

/** Check `backups` reads these. */
function isOfBackups(job: Job): boolean {
  return [BACKUP_CRON_JOBS.backup, BACKUP_CRON_JOBS.verify].some((name) => name === ownerOf(job));
}

/** Whether no later Job of the same CronJob exists: those that failed are kept, also when another has succeeded. */
function isNewest(job: Job, jobs: readonly Job[]): boolean {
  const owner = ownerOf(job);
  const created = ({ metadata }: Job) => Date.parse(metadata.creationTimestamp ?? "") || 0;
  return owner === undefined || !jobs.some((other) => ownerOf(other) === owner && created(other) > created(job));
}

const RUNBOOKS: Readonly<Record<string, string>> = {
  [BACKUP_CRON_JOBS.restore]: RESTORE,
  [BACKUP_CRON_JOBS.registry]: RESTORE,
  [OBJECTS.platformAccounts]: "docs/runbooks/mysql-accounts.md",
  "nacos-schema": "docs/runbooks/nacos-schema.md",
};

function failed(job: Job): Problem {
  const { name } = job.metadata;
  return problem(
    "watch",
    `Job ${name} has failed`,
    `kubectl logs job/${name} --all-containers; ${RUNBOOKS[ownerOf(job) ?? ""] ?? RUNBOOKS[name] ?? "docs/runbooks/README.md"}`,
  );
}

export const workloads: Check = {
  name: "workloads",
  look: async (world) => {
    const [sets, deployments, jobs] = await Promise.all([
      world.list<StatefulSet>("apps/v1", "statefulsets"),
      world.list<Deployment>("apps/v1", "deployments"),
      world.list<Job>("batch/v1", "jobs"),
    ]);
    const needed = world.cluster.mysql.mode === "external" ? [OBJECTS.nacos] : [OBJECTS.nacos, "mysql"];
    return evaluateWorkloads({ sets, deployments, jobs }, needed);
  },
};
