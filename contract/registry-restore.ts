/** What `ops` and the Job that restores Nacos' registry agree on. */

/** Only report what the registry lacks; add it; or add it only if Nacos has lost everything that it keeps in Raft. */
export type RegistryMode = "plan" | "apply" | "if-lost";

/** What the Job says of a backup that has no registry. */
export const NO_REGISTRY = "has no registry of Nacos";

/** What it says of a Nacos that has not lost its registry. */
export const REGISTRY_KEPT = "Nacos has not lost its registry";
