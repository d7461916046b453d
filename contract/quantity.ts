/** Kubernetes quantities ("500m", "1.5", "512Mi", "2G") as integers, for sums and comparisons. */

const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** @returns millicores, or undefined if `text` is no CPU quantity of whole millicores. */
export function parseCpu(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text);
  if (!match) return undefined;
  const milli = roundIfWhole(Number(match[1]) * (match[2] === "m" ? 1 : 1000));
  return milli;
}

/** @returns bytes, or undefined if `text` is no memory quantity of whole bytes. */
export function parseMemory(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(text);
  if (!match) return undefined;
  return roundIfWhole(Number(match[1]) * SUFFIXES[match[2] ?? ""]);
}

/** Millicores of a quantity that the configuration has already accepted. Throws on anything else. */
export function cpuMilli(text: string): number {
  return demand(parseCpu(text), text);
}

/** Bytes of a quantity that the configuration has already accepted. Throws on anything else. */
export function memoryBytes(text: string): number {
  return demand(parseMemory(text), text);
}

/** The shortest exact spelling: "2" for 2000, "1500m" for 1500. */
export function formatCpu(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

/** The largest binary unit that is exact: "2Gi", "1536Mi", otherwise bytes. */
export function formatMemory(bytes: number): string {
  for (const unit of ["Gi", "Mi", "Ki"]) {
    if (bytes > 0 && bytes % SUFFIXES[unit] === 0) return `${bytes / SUFFIXES[unit]}${unit}`;
  }
  return String(bytes);
}

// 0.3 * 1000 is 300 only after rounding. A fraction of the smallest unit (1.5m) is refused.
function roundIfWhole(value: number): number | undefined {
  const whole = Math.round(value);
  return Number.isSafeInteger(whole) && Math.abs(value - whole) < 1e-6 ? whole : undefined;
}

function demand(value: number | undefined, text: string): number {
  if (value === undefined) throw new RangeError(`"${text}" is not a Kubernetes quantity`);
  return value;
}
