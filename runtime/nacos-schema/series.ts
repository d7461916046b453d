/** Where the steps of upgrades begin: one step back on this way is possible, as far as the database decides it. */
const STEPS = [
  [2, 2],
  [2, 5],
  [3, 0],
  [3, 2],
] as const;
/** The first series of which it is not known what its database can be read by. */
const UNKNOWN = [3, 3] as const;

type Series = readonly [major: number, minor: number];

function seriesOf(version: string): Series {
  const [major, minor = 0] = version.split(".").map((part) => parseInt(part, 10));
  return [major, minor];
}

function isAtLeast([major, minor]: Series, other: Series): boolean {
  return major > other[0] || (major === other[0] && minor >= other[1]);
}

/** The step that a version belongs to, as a number that grows; infinite for a version that this program does not know yet. */
export function stepOf(version: string): number {
  const series = seriesOf(version);
  return isAtLeast(series, UNKNOWN) ? Infinity : STEPS.filter((step) => isAtLeast(series, step)).length;
}

/** Whether a version is 3.0 or newer. Its servers keep the public namespace under another name than those of 2.x. */
export function isThree(version: string): boolean {
  return seriesOf(version)[0] >= 3;
}
