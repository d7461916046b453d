import { containersOf, lastEnd } from "../../../clients/kubernetes/pod-trouble";
import { BACKUP_CRON_JOBS } from "../../../contract/objects";
import { LATE_COPIES } from "../../../contract/verification";
import { backupMetrics } from "../../../runtime/mysql-controller/metrics";
import type { Metric } from "../../../runtime/prometheus";
import { duration } from "../../nacos/change";
import { problem, type Check, type Found, type Problem } from "../check";
import type { Pod } from "../world";
import { isFailed as hasFailed, ownerOf, type Job } from "./workloads";

export interface CronJob {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly spec: { readonly suspend?: boolean };
}

const HOUR_MS = 3_600_000;
/** How old the last verification may be: with some days for a schedule that is weekly. */
const VERIFIED_MS = 8 * 24 * HOUR_MS;
const RUNBOOKS = { backup: "docs/runbooks/mysql-backup.md", verify: "docs/runbooks/mysql-verify.md" } as const;
const WHAT = { backup: "backup", verify: "verification" } as const;

/** Why the last verification that failed did so, and whether it is certain that no backup is at fault. */
export interface Fault {
  readonly reason: string;
  readonly isOfCopies: boolean;
}

/** Undefined if nobody knows any more: its pod is gone. */
export function faultOf(jobs: readonly Job[], pods: readonly Pod[]): Fault | undefined {
  const created = ({ metadata: { creationTimestamp = "" } }: Job | Pod) => Date.parse(creationTimestamp) || 0;
  const newest = <T extends Job | Pod>(all: readonly T[]) => [...all].sort((a, b) => created(b) - created(a)).at(0);
  const job = newest(jobs.filter((one) => ownerOf(one) === BACKUP_CRON_JOBS.verify && hasFailed(one)));
  const pod = newest(
    pods.filter(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === job?.metadata.name)),
  );
  if (pod === undefined) return undefined;
  const messages = containersOf(pod).map(({ state }) => state?.terminated?.message ?? "");
  const [, count, list = ""] = /verification failed: (\d+) faults?\n([^]*)/.exec(messages.join("\n")) ?? [];
  const faults = list.split("\n").flatMap((line) => (line.startsWith("- ") ? line.slice(2) : []));
  const [first, ...others] = faults.sort((a, b) => Number(a.includes(LATE_COPIES)) - Number(b.includes(LATE_COPIES)));
  if (first === undefined) {
    const reason = lastEnd(pod);
    return reason === undefined ? undefined : { reason, isOfCopies: false };
  }
  return {
    reason: `${first}${others.length === 0 ? "" : `, and ${others.length} more`}`,
    // A message that is too long is cut off.
    isOfCopies: first.includes(LATE_COPIES) && faults.length === Number(count),
  };
}

/**
 * The backups, and their last verification.
 *
 * @param metrics as MySQL's controller serves them
 * @param fault of the last verification that failed
 */
export function evaluateBackups(
  metrics: readonly Metric[],
  cronJobs: readonly CronJob[],
  maxAgeHours: number,
  now: number,
  fault?: Fault,
): Found {
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value;
  const limits = { backup: maxAgeHours * HOUR_MS, verify: VERIFIED_MS };
  const jobs = (["backup", "verify"] as const).map((role) => {
    const cronJob = cronJobs.find(({ metadata }) => metadata.name === BACKUP_CRON_JOBS[role]);
    return {
      role,
      cronJob,
      last: (value(`${role}_last_success_timestamp_seconds`) ?? 0) * 1000,
      isFailed: value(`${role}_failed`) === 1,
    };
  });
  const problems = jobs.flatMap(({ role, cronJob, last, isFailed }): Problem[] => {
    const fix = `ops mysql ${role}; ${RUNBOOKS[role]}`;
    if (cronJob === undefined)
      return [
        problem(
          "escalate",
          `CronJob ${BACKUP_CRON_JOBS[role]} does not exist`,
          `pulumi up --refresh; ${RUNBOOKS[role]}`,
        ),
      ];
    const age = now - (last || Date.parse(cronJob.metadata.creationTimestamp));
    return [
      ...(isFailed ? [failure(role, fix, fault)] : []),
      ...(age > limits[role]
        ? [
            problem(
              role === "backup" ? "escalate" : "watch",
              `the last ${WHAT[role]} that succeeded ${last === 0 ? "never was" : `is ${duration(age)} old`}; it may be ${duration(limits[role])}`,
              fix,
            ),
          ]
        : []),
      ...(cronJob.spec.suspend === true
        ? [problem("watch", `CronJob ${BACKUP_CRON_JOBS[role]} is suspended`, `pulumi up; ${RUNBOOKS[role]}`)]
        : []),
    ];
  });
  if (value("backup_last_registry_timestamp_seconds") === 0)
    problems.push(
      problem(
        "watch",
        "the recent backups do not have Nacos' registry",
        `kubectl logs --selector app.kubernetes.io/component=backup --container registry; ${RUNBOOKS.backup}`,
      ),
    );
  return {
    summary: jobs
      .map(({ role, last }) => `last ${WHAT[role]} ${last === 0 ? "not yet" : `${duration(now - last)} ago`}`)
      .join(", "),
    problems,
  };
}

function failure(role: "backup" | "verify", fix: string, fault: Fault | undefined): Problem {
  if (role === "backup") return problem("watch", "the last backup failed", fix);
  // What no restore could be made of is no backup.
  return problem(
    fault?.isOfCopies === true ? "watch" : "stop",
    `the last verification failed${fault === undefined ? "" : `: ${fault.reason}`}`,
    fix,
  );
}

export const backups: Check = {
  name: "backups",
  look: async (world) => {
    const { api, namespace, backupMaxAgeHours } = world.cluster;
    const [metrics, cronJobs, jobs, pods] = await Promise.all([
      backupMetrics(api, namespace),
      world.list<CronJob>("batch/v1", "cronjobs"),
      world.list<Job>("batch/v1", "jobs"),
      world.pods(),
    ]);
    return evaluateBackups(metrics, cronJobs, backupMaxAgeHours, world.now, faultOf(jobs, pods));
  },
};
