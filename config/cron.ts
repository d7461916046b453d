import { CRON_FIELDS, cronNumbers, hasDate } from "../contract/cron";

/** Whether a CronJob accepts a schedule of five fields that runs at least once. */
export function isSchedule(text: string): boolean {
  const fields = text.split(" ");
  if (fields.length !== CRON_FIELDS.length) return false;
  return fields.every((field, index) => cronNumbers(field, CRON_FIELDS[index]) !== undefined) && hasDate(fields);
}
