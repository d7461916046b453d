interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Names of the numbers, beginning with `from`. */
  readonly names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/** The fields of a CronJob's schedule. */
export const CRON_FIELDS: readonly Field[] = [
  { name: "minute", from: 0, to: 59 },
  { name: "hour", from: 0, to: 23 },
  { name: "day of the month", from: 1, to: 31 },
  { name: "month", from: 1, to: 12, names: MONTHS },
  { name: "day of the week", from: 0, to: 6, names: WEEKDAYS },
];
/** Days of each month, in a leap year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether five valid fields name a date that exists. If both day and weekday are limited, one of them is enough. */
export function hasDate(fields: readonly string[]): boolean {
  const [days, months] = [2, 3].map((index) => [...(cronNumbers(fields[index], CRON_FIELDS[index]) ?? [])]);
  return !isAny(fields[4]) || months.some((month) => days.some((day) => day <= DAYS[month - 1]));
}

/** Whether a day or a weekday is not limited. With a step above 1 it is. */
export function isAny(field: string): boolean {
  return field.split(",").some((item) => /^[*?](\/1)?$/.test(item));
}

/**
 * The numbers that a field means; undefined if it is not valid. Kubernetes is stricter than other parsers: Sunday is 0 and not
 * 7, and there is no L, W or #.
 */
export function cronNumbers(text: string, field: Field): ReadonlySet<number> | undefined {
  const numbers = new Set<number>();
  for (const item of text.split(",")) {
    const [, start, end, step] = /^([*?]|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
    if (start === undefined || (end !== undefined && /[*?]/.test(start))) return undefined;
    const isAll = /[*?]/.test(start);
    const from = isAll ? field.from : numberOf(start, field);
    // A number with a step continues to the end of the range.
    const to = end !== undefined ? numberOf(end, field) : isAll || step !== undefined ? field.to : from;
    const by = Number(step ?? 1);
    if (from === undefined || to === undefined || from < field.from || to > field.to || from > to || by === 0)
      return undefined;
    for (let number = from; number <= to; number += by) numbers.add(number);
  }
  return numbers;
}

function numberOf(text: string, { from, names = [] }: Field): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? undefined : from + index;
}
