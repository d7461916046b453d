const FIELDS = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of the month", min: 1, max: 31, names: [] },
  {
    name: "month",
    min: 1,
    max: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of the week", min: 0, max: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
] as const;
const LONGEST = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is wrong with the schedule of a CronJob; undefined if nothing is, or if it is not known yet. */
export function cronProblem(schedule: unknown): string | undefined {
  if (typeof schedule !== "string") return undefined;
  if (/^(CRON_)?TZ=/.test(schedule)) return "which names a time zone: timeZone does that";
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(schedule)) return undefined;
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) return `which has ${fields.length} fields instead of 5`;
  const values = fields.map((field, index) => valuesOf(field, FIELDS[index]));
  const bad = values.indexOf(undefined);
  if (bad >= 0) return `whose ${FIELDS[bad].name} is not valid`;
  const [, , days = [], months = []] = values;
  const isAnyWeekday = /^[*?]/.test(fields[4]);
  if (isAnyWeekday && !months.some((month) => days.some((day) => day <= LONGEST[month]))) return "which never comes";
  return undefined;
}

/** The values that a field stands for: "1-5/2" for 1, 3 and 5. */
function valuesOf(field: string, { min, max, names }: (typeof FIELDS)[number]): number[] | undefined {
  const number = (text: string) => {
    const named = (names as readonly string[]).indexOf(text.toLowerCase());
    return named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : NaN;
  };
  const parts = field.split(",").map((part) => {
    const [, range, step = "1"] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    if (range === undefined || Number(step) === 0) return undefined;
    const [first, last] = /^[*?]$/.test(range) ? [min, max] : range.split("-").map(number);
    const end = last ?? (part.includes("/") ? max : first);
    if (!(first >= min && end <= max && first <= end)) return undefined;
    return Array.from({ length: end - first + 1 }, (_, index) => first + index).filter(
      (_, index) => index % Number(step) === 0,
    );
  });
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
}
