import { BACKUP_CRON_JOBS } from "../../../contract/objects";
import { command } from "../../command";
import { jobContextOf, runJob, type JobContext } from "../backup-job";
import { Failure } from "../../../contract/refusal";

/** Makes a backup now, beside the scheduled ones, and says what came of it. */
export async function backup(context: JobContext): Promise<void> {
  const { succeeded, message } = await runJob(context, BACKUP_CRON_JOBS.backup);
  if (!succeeded) throw new Failure(`the backup failed; the ones before are untouched. ${message}`);
  context.say(message);
}

export const backupCommand = command({
  summary: "make a backup now",
  run: ({ stack }) => backup(jobContextOf(stack)),
});
