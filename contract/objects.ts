/** Names of a MySQL's objects that more than one part of the platform uses. @param name of the MySQL */
export function mysqlObjects(name: string) {
  return {
    /** ConfigMap with `settings.json`, see settings.ts. */
    settings: `${name}-topology`,
    writerService: name,
    lease: `${name}-controller`,
    /** Secret with `control.json` and `replication.json`. */
    control: `${name}-control`,
    /** Secret with `admin.json`, of the account that creates databases and accounts. */
    administrator: `${name}-admin`,
    /** ConfigMap with `ca.crt`. */
    ca: `${name}-ca`,
  } as const;
}

/** Names of objects in the namespace that more than one part of the platform uses. `ops` works with one MySQL per namespace. */
export const OBJECTS = {
  ...mysqlObjects("mysql"),
  /** Job that creates Nacos' database and the platform's accounts, its ConfigMap, and the Secret with their passwords by name. */
  platformAccounts: "mysql-accounts",
  /** Secret with `username` and `password` of Nacos' account. */
  runtime: "mysql-runtime",
  /** StatefulSet and Service of Nacos. */
  nacos: "nacos",
  /** Secret with `username` and `password` of Nacos' administrator. */
  nacosAdmin: "nacos-admin",
  /** Secret with `token`, `identityKey` and `identityValue` of Nacos' servers. */
  nacosAuth: "nacos-auth",
  /** Claim of the backup volume. */
  backupVolume: "mysql-backups",
  /** Service of Nacos' console. */
  nacosConsole: "nacos-console",
} as const;

/** The CronJobs of backups. `ops` creates its Jobs from them. */
export const BACKUP_CRON_JOBS = {
  backup: "mysql-backup",
  verify: "mysql-verify",
  restore: "mysql-restore",
  registry: "nacos-registry-restore",
} as const;

/** Annotation of StatefulSet nacos while a restore in place has it stopped: how many servers to start afterwards. */
export const STOPPED_BY_RESTORE = "nacos-platform/servers-before-restore";

/** Containers that run as long as their pod, which to Kubernetes are init containers. */
export const SIDECARS = { members: "members", binlogs: "binlogs" } as const;

/** Containers of a restore that run when the primary may have been changed. All others run before. */
export const RESTORE_CHANGES_IN = ["load", "publish", "report"];

/** The containers of a restore of configurations that say what they found and did. */
export const CONFIGURATION_STEPS = { compare: "judge", publish: "publish" } as const;

/** Annotation of Nacos' pods. It changes with the password of Nacos' account. */
export const PASSWORD_MARK = "nacos-platform/database-account";

/** Annotation of Nacos' pods. It changes with the token key and the server identity. */
export const AUTH_MARK = "nacos-platform/authentication";

/** The field manager of changes that `ops` makes. */
export const FIELD_MANAGER = "nacos-platform-ops";

/** Label with which the writer Service selects one pod. Kubernetes sets it on every pod of a StatefulSet. */
export const POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name";

/** Annotations by which the policy pack knows what backs up the data of a workload, and where to. */
export const DATA_MARKS = {
  /** Of a workload: the CronJob that backs its data up. */
  backup: "nacos-platform/backup",
  /** Of a workload: why its data needs no backup, or who else backs it up. */
  noBackup: "nacos-platform/no-backup",
  /** Of a CronJob of backups: where it copies them to, outside the cluster. */
  offsite: "nacos-platform/off-site",
  /** Of a CronJob: the one whose backups it verifies. */
  verifies: "nacos-platform/verifies",
} as const;
