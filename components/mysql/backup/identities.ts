import type { Identity } from "../../labels";

/** What the pods of backup, verification and restore are; each reaches something else. */
export const BACKUP_IDENTITIES = {
  /** MySQL's servers, and the store outside. */
  backup: { name: "mysql", component: "backup" },
  /** The store outside. */
  verify: { name: "mysql", component: "verify" },
  /** The primary, and the store outside. */
  restore: { name: "mysql", component: "restore" },
} as const satisfies Record<string, Identity>;
