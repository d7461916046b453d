import { BACKUP_CRON_JOBS } from "../../../contract/objects";
import { command } from "../../command";
import { jobContextOf, runJob, type JobContext } from "../backup-job";
import { Failure } from "../../../contract/refusal";

/** Verifies the newest backup now, as the daily verification does, and reports the result. */
export async function verify(context: JobContext): Promise<void> {
  const { succeeded, message } = await runJob(context, BACKUP_CRON_JOBS.verify);
  if (!succeeded) throw new Failure("BACKUP_VERIFY_FAILED", message);
  context.say(message);
}

export const verifyCommand = command({
  summary: "verify the newest backup: restore it into a scratch instance",
  run: ({ stack }) => verify(jobContextOf(stack)),
});
