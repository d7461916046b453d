import { CRON_FIELDS, cronNumbers, hasDay } from "../contract/cron";

/** Whether a CronJob accepts a schedule of five fields that runs at least once. */
export function isSchedule(text: string): boolean {
  const parts = text.split(" ");
  if (parts.length !== CRON_FIELDS.length) return false;
  const sets = parts.map((part, index) => cronNumbers(part, CRON_FIELDS[index]));
  if (sets.includes(undefined)) return false;
  const [, , days, months] = sets as ReadonlySet<number>[];
  // If both day and weekday are limited, one of them is enough.
  const anyWeekday = parts[4].split(",").some((item) => /^[*?](\/1)?$/.test(item));
  return !anyWeekday || hasDay(months, days);
}
