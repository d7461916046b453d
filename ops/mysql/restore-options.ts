import { Refusal } from "../../contract/refusal";
import { microsFromIso } from "../../runtime/mysql-backup/time";
import { stamp, type JobContext } from "./backup-job";

/** Environment variables of the steps of a restore. */
export type Values = Readonly<Record<string, string>>;

/** @throws Refusal if a confirmation does not name the namespace. */
export function requireConfirmed(namespace: string, confirm: string): void {
  if (confirm === namespace) return;
  throw new Refusal(
    "RESTORE_CONFIRM_MISMATCH",
    `--confirm is "${confirm}", and the namespace is ${namespace}: nothing was changed.`,
  );
}

/** @throws Refusal if the time is invalid, or in the future. */
export function moment(context: Pick<JobContext, "now">, to: string | undefined): Values {
  if (to === undefined) return {};
  let micros: number;
  try {
    micros = microsFromIso(to);
  } catch (error) {
    throw new Refusal("USAGE_VALUE_INVALID", (error as Error).message);
  }
  const date = new Date(micros / 1000);
  if (date.getTime() > context.now().getTime()) throw new Refusal("USAGE_VALUE_INVALID", `${to} is in the future.`);
  return { UNTIL: to, UNTIL_NAME: stamp(date) };
}
