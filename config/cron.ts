interface Range {
  readonly from: number;
  readonly to: number;
  /** Names of the numbers, beginning with `from`. */
  readonly names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly Range[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: MONTHS },
  { from: 0, to: 6, names: WEEKDAYS },
];
/** Days of each month, in a leap year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether a CronJob accepts a schedule of five fields that runs at least once. Kubernetes is stricter than other parsers:
 * Sunday is 0 and not 7, and there is no L, W or #.
 */
export function isSchedule(text: string): boolean {
  const parts = text.split(" ");
  if (parts.length !== FIELDS.length) return false;
  const sets = parts.map((part, index) => numbersOf(part, FIELDS[index]));
  if (sets.includes(undefined)) return false;
  const [, , days, months] = sets as Set<number>[];
  // If both day and weekday are limited, one of them is enough.
  const anyWeekday = parts[4].split(",").some((item) => /^[*?](\/1)?$/.test(item));
  return !anyWeekday || [...months].some((month) => [...days].some((day) => day <= DAYS[month - 1]));
}

/** The numbers that a field means; undefined if it is not valid. */
function numbersOf(field: string, range: Range): Set<number> | undefined {
  const numbers = new Set<number>();
  for (const item of field.split(",")) {
    const [, start, end, step] = /^([*?]|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
    if (start === undefined || (end !== undefined && /[*?]/.test(start))) return undefined;
    const isAll = /[*?]/.test(start);
    const from = isAll ? range.from : numberOf(start, range);
    // A number with a step continues to the end of the range.
    const to = end !== undefined ? numberOf(end, range) : isAll || step !== undefined ? range.to : from;
    const by = Number(step ?? 1);
    if (from === undefined || to === undefined || from < range.from || to > range.to || from > to || by === 0)
      return undefined;
    for (let number = from; number <= to; number += by) numbers.add(number);
  }
  return numbers;
}

function numberOf(text: string, { from, names = [] }: Range): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? undefined : from + index;
}
