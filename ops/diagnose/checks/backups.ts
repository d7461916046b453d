import { BACKUP_CRON_JOBS } from "../../../contract/objects";
import { backupMetrics } from "../../../runtime/mysql-controller/metrics";
import type { Metric } from "../../../runtime/prometheus";
import { duration } from "../../nacos/change";
import { problem, type Check, type Found, type Problem } from "../check";

export interface CronJob {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly spec: { readonly suspend?: boolean };
}

const HOUR_MS = 3_600_000;
/** How old the last verification may be: with some days for a schedule that is weekly. */
const VERIFIED_MS = 8 * 24 * HOUR_MS;
const RUNBOOKS = { backup: "docs/runbooks/mysql-backup.md", verify: "docs/runbooks/mysql-verify.md" } as const;
const WHAT = { backup: "backup", verify: "verification" } as const;

/** The backups, and their last verification. @param metrics as MySQL's controller serves them */
export function evaluateBackups(
  metrics: readonly Metric[],
  cronJobs: readonly CronJob[],
  maxAgeHours: number,
  now: number,
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
      // What no restore could be made of is no backup.
      ...(isFailed ? [problem(role === "verify" ? "stop" : "watch", `the last ${WHAT[role]} failed`, fix)] : []),
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

export const backups: Check = {
  name: "backups",
  look: async (world) => {
    const { api, namespace, backupMaxAgeHours } = world.cluster;
    const [metrics, cronJobs] = await Promise.all([
      backupMetrics(api, namespace),
      world.list<CronJob>("batch/v1", "cronjobs"),
    ]);
    return evaluateBackups(metrics, cronJobs, backupMaxAgeHours, world.now);
  },
};
