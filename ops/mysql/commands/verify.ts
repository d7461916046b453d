import { BACKUP_CRON_JOBS } from "../../../contract/objects";
import { command } from "../../command";
import { jobContextOf, runJob, type JobContext } from "../backup-job";
import { Failure } from "../../../contract/refusal";

/** Proves the newest backup now, as is done every day, and says what came of it. */
export async function verify(context: JobContext): Promise<void> {
  const { succeeded, message } = await runJob(context, BACKUP_CRON_JOBS.verify);
  if (!succeeded) throw new Failure(message);
  context.say(message);
}

export const verifyCommand = command({
  summary: "restore the newest backup into a scratch instance, which proves it",
  run: ({ stack }) => verify(jobContextOf(stack)),
});
