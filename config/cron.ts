interface Range {
  readonly from: number;
  readonly to: number;
  /** Names of the numbers, from `from` on. */
  readonly names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly Range[] = [{ from: 0, to: 59 }, { from: 0, to: 23 }, { from: 1, to: 31 }, { from: 1, to: 12, names: MONTHS }, { from: 0, to: 6, names: WEEKDAYS }];
/** Of each month, in a leap year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether a CronJob takes a schedule of five fields, and it ever comes. As Kubernetes reads it, which other parsers are
 * more generous than: Sunday is 0 and not 7, and there is no L, W or #.
 */
export function isSchedule(text: string): boolean {
  const parts = text.split(" ");
  if (parts.length !== FIELDS.length) return false;
  const sets = parts.map((part, index) => numbersOf(part, FIELDS[index]));
  if (sets.includes(undefined)) return false;
  const [, , days, months] = sets as Set<number>[];
  // If both days are limited, either is enough.
  const anyWeekday = parts[4].split(",").some((item) => /^[*?](\/1)?$/.test(item));
  return !anyWeekday || [...months].some((month) => [...days].some((day) => day <= DAYS[month - 1]));
}

/** The numbers that a field stands for; undefined if it is none. */
function numbersOf(field: string, range: Range): Set<number> | undefined {
  const numbers = new Set<number>();
  for (const item of field.split(",")) {
    const [, start, end, step] = /^([*?]|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
    if (start === undefined || (end !== undefined && /[*?]/.test(start))) return undefined;
    const isAll = /[*?]/.test(start);
    const from = isAll ? range.from : numberOf(start, range);
    // A number with a step goes on to the end.
    const to = end !== undefined ? numberOf(end, range) : isAll || step !== undefined ? range.to : from;
    const by = Number(step ?? 1);
    if (from === undefined || to === undefined || from < range.from || to > range.to || from > to || by === 0) return undefined;
    for (let number = from; number <= to; number += by) numbers.add(number);
  }
  return numbers;
}

function numberOf(text: string, { from, names = [] }: Range): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? undefined : from + index;
}
