import { runJob, type JobContext } from "./backup-job";
import { Refusal } from "./refusal";

/** Makes a backup now, beside the scheduled ones, and says what came of it. */
export async function backup(context: JobContext): Promise<void> {
  const { succeeded, message } = await runJob(context, "mysql-backup");
  if (!succeeded) throw new Refusal(`the backup failed; the ones before are untouched. ${message}`);
  context.say(message);
}
