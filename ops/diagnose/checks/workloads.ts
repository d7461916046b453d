import { isRolledOut, type StatefulSet } from "../../../clients/kubernetes/rollout";
import { BACKUP_CRON_JOBS, OBJECTS } from "../../../contract/objects";
import { problem, type Check, type Found, type Problem } from "../check";

export interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

export interface Job {
  readonly metadata: { readonly name: string; readonly ownerReferences?: readonly { readonly name: string }[] };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

export interface Workloads {
  readonly sets: readonly StatefulSet[];
  readonly deployments: readonly Deployment[];
  readonly jobs: readonly Job[];
}

const RUNBOOK = "docs/runbooks/incident-pod.md";
const UPDATE = "docs/runbooks/pulumi-up.md";

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
    ...missing.map((name) =>
      problem("escalate", `StatefulSet ${name} does not exist`, `pulumi up --refresh; ${UPDATE}`),
    ),
    ...counted.flatMap(({ name, set, ready, replicas }) => {
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
    ...deployments.flatMap(({ metadata, status }) =>
      (status?.conditions ?? [])
        .filter(({ type, status: holds }) => type === "Progressing" && holds === "False")
        .map(({ message }) =>
          problem("watch", `Deployment ${metadata.name} does not roll out: ${message ?? ""}`, UPDATE),
        ),
    ),
    ...jobs.filter((job) => isFailed(job) && !isOfBackups(job)).map(({ metadata: { name } }) => failed(name)),
  ];
  return {
    summary: counted.map(({ name, ready, replicas }) => `${name.split(" ")[1]} ${ready}/${replicas}`).join(", "),
    problems,
  };
}

function isFailed({ status }: Job): boolean {
  return status?.conditions?.some(({ type, status: holds }) => type === "Failed" && holds === "True") === true;
}

/** Check `backups` reads these. */
function isOfBackups({ metadata }: Job): boolean {
  return (
    metadata.ownerReferences?.some(({ name }) => (Object.values(BACKUP_CRON_JOBS) as string[]).includes(name)) === true
  );
}

const RUNBOOKS: Readonly<Record<string, string>> = {
  [OBJECTS.platformAccounts]: "docs/runbooks/mysql-accounts.md",
  "nacos-schema": "docs/runbooks/nacos-schema.md",
};

function failed(name: string): Problem {
  return problem(
    "watch",
    `Job ${name} has failed`,
    `kubectl logs job/${name} --all-containers; ${RUNBOOKS[name] ?? "docs/runbooks/README.md"}`,
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
