/** MySQL records commits in microseconds, which a Date cannot hold; in a plain number they are exact until the year 2255. */

/** @throws Error if `iso` is not a point in time with a time zone. */
export function microsFromIso(iso: string): number {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/.exec(iso);
  const millis = match === null ? NaN : Date.parse(`${match[1]}${match[3]}`);
  // Date.parse reads 30 February as 2 March, and 24:00 as the next day.
  const exists = match !== null && !Number.isNaN(millis) && new Date(`${match[1]}Z`).toISOString().startsWith(match[1]);
  if (match === null || !exists) throw new Error(`"${iso}" is not a point in time; write it as 2026-12-31T23:59:59Z`);
  return millis * 1000 + Number((match[2] ?? "").padEnd(6, "0"));
}

export function isoFromMicros(micros: number): string {
  const fraction = String(micros % 1_000_000).padStart(6, "0");
  return new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().replace(/\.\d+Z$/, `.${fraction}Z`);
}
