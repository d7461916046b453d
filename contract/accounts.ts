/** Nacos' database. */
export const DATABASE = "nacos";
/** The schema Job creates and drops it in every run. */
export const SCRATCH_DATABASE = "nacosscratch";
/** A restore in place creates and drops it, and replaces nothing before that has worked. It is in no backup. */
export const REHEARSAL_DATABASE = "platform_rehearsal";

/** Nacos' administrator: a user of Nacos, not of MySQL. */
export const NACOS_ADMIN = "nacos";

/** Names of the accounts in MySQL. */
export const ACCOUNTS = {
  /** All privileges, over the local socket only. */
  root: "root",
  /** The pod's probes: the state of replication, over the local socket only. */
  probe: "probe",
  /** The pod's liveness probe: makes the server load a renewed certificate, over the local socket only. */
  tls: "platform_tls",
  /** The controller and `ops`: roles, replication and clones. */
  control: "platform_control",
  /** The Job `mysql-accounts`, and Pulumi for tenants: creates databases, accounts and roles. */
  admin: "platform_admin",
  /** Replicas: replicate from the primary. */
  replication: "replica",
  /** Restores: writes everything. Only the Jobs that an operator starts have its password. */
  restore: "restore",
  /** Nacos itself: reads and writes rows. */
  runtime: "nacos",
  /** The schema Job: creates tables and columns. */
  schema: "nacos_schema",
  /** Backups: reads everything. */
  backup: "backup",
  /** The metrics exporter in each server's pod, over the local socket only. */
  monitor: "monitor",
} as const;
