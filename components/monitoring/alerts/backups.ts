import { BACKUP_CRON_JOBS } from "../../../contract/objects";
import { type Alert, metric, type Watched } from "./alert";

/** Results of backups and verifications, by the controller's metrics. */
export function backupAlerts(of: Watched): Alert[] {
  const { maxAgeHours } = of.backups;
  const ours = (name: string) => metric(of, `nacos_platform_mysql_${name}`);
  // 0 means never. Then the age of the CronJob counts, so that a new stack has time for its first one. Without the metric, as while
  // the controller restarts, there is no age at all: BackupMetricsMissing says so.
  const age = (timestamp: string, cronJob: string) => {
    const last = `max by (namespace) (${ours(timestamp)})`;
    const created = `max by (namespace) (${metric(of, "kube_cronjob_created", `cronjob="${cronJob}"`)})`;
    return `(time() - (${last} > 0 or (${created} and on (namespace) ${last} == 0))) / 3600`;
  };
  return [
    {
      name: "BackupTooOld",
      severity: "critical",
      minutes: 5,
      expr: `${age("backup_last_success_timestamp_seconds", BACKUP_CRON_JOBS.backup)} > ${maxAgeHours}`,
      summary: 'The newest backup is {{ $value | printf "%.0f" }} h old',
      description:
        "No backup has succeeded in time. With an object store, one succeeds only if its off-site copy is complete. What was written since is on the servers' volumes only.",
      action:
        "`kubectl get jobs`, the log of the last one, then `npm run ops -- mysql backup`: docs/runbooks/mysql-backup.md.",
    },
    {
      name: "BackupFailed",
      severity: "warning",
      minutes: 0,
      expr: `max by (namespace) (${ours("backup_failed")}) == 1`,
      summary: "The last backup failed",
      description: "The previous one is still valid.",
      action: "Its log says why; `npm run ops -- mysql backup` makes one now: docs/runbooks/mysql-backup.md.",
    },
    {
      name: "BackupWithoutRegistry",
      severity: "warning",
      minutes: 5,
      expr: `${age("backup_last_registry_timestamp_seconds", BACKUP_CRON_JOBS.backup)} > ${maxAgeHours}`,
      summary: "The recent backups do not contain Nacos' registry",
      description: "Persistent instances could not be restored. MySQL's data are in the backups.",
      action: "The step `registry` in the log of the last backup says why: docs/runbooks/mysql-backup.md.",
    },
    {
      name: "VerificationTooOld",
      severity: "warning",
      minutes: 5,
      expr: `${age("verify_last_success_timestamp_seconds", BACKUP_CRON_JOBS.verify)} > ${of.thresholds.verificationAgeHours}`,
      summary: 'No backup has been verified for {{ $value | printf "%.0f" }} h',
      description: "Nobody knows if the newest backups can be restored.",
      action:
        "`kubectl get jobs`, the log of the last one, then `npm run ops -- mysql verify`: docs/runbooks/mysql-verify.md.",
    },
    {
      name: "VerificationFailed",
      severity: "critical",
      minutes: 0,
      expr: `max by (namespace) (${ours("verify_failed")}) == 1`,
      summary: "The newest backup could not be verified",
      description: "It was restored into a scratch instance and differs from its manifest, or could not be restored.",
      action: "The log of the Job says what differs; make another backup and verify it: docs/runbooks/mysql-verify.md.",
    },
  ];
}
