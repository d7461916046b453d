/** What `ops`, the controller and the Jobs of backups agree on about Nacos' registry. */

/** Only report what the registry lacks; add it; or add it only if Nacos has lost everything that it keeps in Raft. */
export type RegistryMode = "plan" | "apply" | "if-lost";

/** What Jobs say of a backup that has no registry. */
export const NO_REGISTRY = "has no registry of Nacos";

/** What it says of a Nacos that has not lost its registry. */
export const REGISTRY_KEPT = "Nacos has not lost its registry";
