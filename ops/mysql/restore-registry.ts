import { BACKUP_CRON_JOBS, NO_REGISTRY } from "../../contract/objects";
import { Failure } from "../../contract/refusal";
import { runJob, type JobContext } from "./backup-job";

/** What Nacos' registry lacks of a backup: only reported, or given back. */
export type RegistryMode = "plan" | "apply";

/**
 * Runs the Job that compares Nacos' registry with that of a backup.
 *
 * @param values that choose the backup
 * @returns whether the backup has a registry, and the Job's message
 * @throws Failure if the registry lacks something after it, or Nacos does not serve
 */
export async function restoreRegistry(
  context: JobContext,
  values: Readonly<Record<string, string>>,
  mode: RegistryMode,
): Promise<{ readonly exists: boolean; readonly message: string }> {
  const { succeeded, message } = await runJob(context, BACKUP_CRON_JOBS.registry, { ...values, MODE: mode });
  if (!succeeded) throw new Failure("RESTORE_REGISTRY_INCOMPLETE", message);
  return { exists: !message.includes(NO_REGISTRY), message };
}
