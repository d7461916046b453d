/** Nacos' database. */
export const DATABASE = "nacos";
/** Made and dropped by the schema Job on every run. */
export const SCRATCH_DATABASE = "nacosscratch";

/** Names of the accounts in MySQL. */
export const ACCOUNTS = {
  /** Everything, over the local socket only. */
  root: "root",
  /** The pod's probes: how replication goes, over the local socket only. */
  probe: "probe",
  /** The pod's liveness probe: has the server read a renewed certificate, over the local socket only. */
  tls: "platform_tls",
  /** The controller and `ops`: roles, replication and clones. */
  control: "platform_control",
  /** The Job `mysql-accounts`, and Pulumi for tenants: makes databases, accounts and roles. */
  admin: "platform_admin",
  /** Servers that follow another. */
  replication: "replica",
  /** Restores: writes everything. Only the Jobs that an operator starts have its password. */
  restore: "restore",
  /** Nacos itself: reads and writes rows. */
  runtime: "nacos",
  /** The schema Job: adds tables and columns. */
  schema: "nacos_schema",
  /** Backups: reads everything. */
  backup: "backup",
  /** The metrics exporter beside each server, over the local socket only. */
  monitor: "monitor",
} as const;
