/** Names of the objects of a MySQL that more than one part of the platform knows, by its own name. */
export function mysqlObjects(name: string) {
  return {
    /** ConfigMap with `settings.json`, see settings.ts. */
    settings: `${name}-topology`,
    writerService: name,
    lease: `${name}-controller`,
    /** Secret with `control.json` and `replication.json`. */
    control: `${name}-control`,
    /** Secret with `admin.json`, of the account that makes databases and accounts. */
    administrator: `${name}-admin`,
    /** ConfigMap with `ca.crt`. */
    ca: `${name}-ca`,
  } as const;
}

/** Names of the objects in the namespace that more than one part of the platform knows. `ops` knows one MySQL in it. */
export const OBJECTS = {
  ...mysqlObjects("mysql"),
  /** Job that makes Nacos' database and the platform's accounts, with its ConfigMap, and the Secret with their passwords by name. */
  platformAccounts: "mysql-accounts",
  /** Secret with `username` and `password` of Nacos' account. */
  runtime: "mysql-runtime",
  /** Secret with `username` and `password` of Nacos' administrator. */
  nacosAdmin: "nacos-admin",
  /** Secret with `token`, `identityKey` and `identityValue` of Nacos' servers. */
  nacosAuth: "nacos-auth",
} as const;

/** The CronJobs of backups: `ops` makes its Jobs from them. */
export const BACKUP_CRON_JOBS = { backup: "mysql-backup", verify: "mysql-verify", restore: "mysql-restore" } as const;

/** Annotation of Nacos' pods: another password of its account, another mark. */
export const PASSWORD_MARK = "nacos-platform/database-account";

/** Annotation of Nacos' pods: another token key or server identity, another mark. */
export const AUTH_MARK = "nacos-platform/authentication";

/** Under this name the API server notes what operators' commands changed. */
export const FIELD_MANAGER = "nacos-platform-ops";

/** Label by which the writer Service selects one pod. Kubernetes itself puts it on every pod of a StatefulSet. */
export const POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name";
