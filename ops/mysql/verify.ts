import { runJob, type JobContext } from "./backup-job";
import { Refusal } from "./refusal";

/** Proves the newest backup now, as is done every day, and says what came of it. */
export async function verify(context: JobContext): Promise<void> {
  const { succeeded, message } = await runJob(context, "mysql-verify");
  if (!succeeded) throw new Refusal(message);
  context.say(message);
}
