import { CRON_FIELDS, cronNumbers, hasDate, isAny } from "../../contract/cron";

const MACROS: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

/** What is wrong with the schedule of a CronJob; undefined if nothing is, or if it is not known yet. */
export function cronProblem(schedule: unknown): string | undefined {
  if (typeof schedule !== "string") return undefined;
  if (/^(CRON_)?TZ=/.test(schedule)) return "which names a time zone: timeZone does that";
  if (schedule in MACROS) return undefined;
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== CRON_FIELDS.length) return `which has ${fields.length} fields instead of ${CRON_FIELDS.length}`;
  const bad = fields.findIndex((field, index) => cronNumbers(field, CRON_FIELDS[index]) === undefined);
  if (bad >= 0) return `whose ${CRON_FIELDS[bad].name} is not valid`;
  return hasDate(fields) ? undefined : "which never comes";
}

const DAY_MS = 24 * 3600 * 1000;

/** The longest time between two runs, in hours, apart from summer time; undefined if the schedule is not valid or not known yet. */
export function longestPause(schedule: unknown): number | undefined {
  if (typeof schedule !== "string" || cronProblem(schedule) !== undefined) return undefined;
  const fields = (MACROS[schedule] ?? schedule).trim().split(/\s+/);
  const [minutes, hours, days, months, weekdays] = fields.map(
    (field, index) => cronNumbers(field, CRON_FIELDS[index]) ?? new Set<number>(),
  );
  const either = !isAny(fields[2]) && !isAny(fields[4]);
  const times = [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 60 + minute)).sort((a, b) => a - b);
  const [first, final] = [times[0], times[times.length - 1]];
  let longest = Math.max(0, ...times.slice(1).map((time, index) => time - times[index]));
  let last: number | undefined;
  // In eight years and a bit comes every date twice.
  for (let day = Date.UTC(2024, 0, 1); day < Date.UTC(2033, 0, 1); day += DAY_MS) {
    const date = new Date(day);
    const [ofMonth, ofWeek] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
    if (!months.has(date.getUTCMonth() + 1) || !(either ? ofMonth || ofWeek : ofMonth && ofWeek)) continue;
    const midnight = day / 60_000;
    longest = Math.max(longest, midnight + first - (last ?? midnight + first));
    last = midnight + final;
  }
  return longest / 60;
}
