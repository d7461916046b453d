import { BACKUP_CRON_JOBS } from "../../../contract/objects";
import { command } from "../../command";
import { jobContextOf, runJob, type JobContext } from "../backup-job";
import { Failure } from "../../../contract/refusal";

/** Makes a backup now, in addition to the scheduled ones, and reports its result. */
export async function backup(context: JobContext): Promise<void> {
  const { succeeded, message } = await runJob(context, BACKUP_CRON_JOBS.backup);
  if (!succeeded) throw new Failure("BACKUP_FAILED", `the backup failed; earlier backups are unchanged. ${message}`);
  context.say(message);
}

export const backupCommand = command({
  summary: "make a backup now",
  run: ({ stack }) => backup(jobContextOf(stack)),
});
