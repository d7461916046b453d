import { BACKUP_CRON_JOBS } from "../../contract/objects";
import { Failure } from "../../contract/refusal";
import { NO_REGISTRY, REGISTRY_KEPT, type RegistryMode } from "../../contract/registry-restore";
import { runJob, type JobContext } from "./backup-job";
import type { Values } from "./restore-options";

export interface RegistryResult {
  /** Whether the backup has a registry. */
  readonly exists: boolean;
  /** Whether nothing was changed because Nacos has not lost its registry. */
  readonly isKept: boolean;
  readonly message: string;
}

/**
 * Runs the Job that compares Nacos' registry with that of a backup.
 *
 * @param values that choose the backup
 * @throws Failure if the registry lacks something after it, or Nacos does not serve
 */
export async function restoreRegistry(
  context: JobContext,
  values: Values,
  mode: RegistryMode,
): Promise<RegistryResult> {
  const { succeeded, message } = await runJob(context, BACKUP_CRON_JOBS.registry, { ...values, MODE: mode });
  if (!succeeded) throw new Failure("RESTORE_REGISTRY_INCOMPLETE", message);
  return { exists: !message.includes(NO_REGISTRY), isKept: message.includes(REGISTRY_KEPT), message };
}
