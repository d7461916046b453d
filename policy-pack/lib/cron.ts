import { CRON_FIELDS, cronNumbers, hasDate } from "../../contract/cron";

/** What is wrong with the schedule of a CronJob; undefined if nothing is, or if it is not known yet. */
export function cronProblem(schedule: unknown): string | undefined {
  if (typeof schedule !== "string") return undefined;
  if (/^(CRON_)?TZ=/.test(schedule)) return "which names a time zone: timeZone does that";
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(schedule)) return undefined;
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== CRON_FIELDS.length) return `which has ${fields.length} fields instead of ${CRON_FIELDS.length}`;
  const bad = fields.findIndex((field, index) => cronNumbers(field, CRON_FIELDS[index]) === undefined);
  if (bad >= 0) return `whose ${CRON_FIELDS[bad].name} is not valid`;
  return hasDate(fields) ? undefined : "which never comes";
}
