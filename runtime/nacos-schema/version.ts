/**
 * Whether one version is newer than another. Numbers count as numbers, and what one version has in addition makes it newer:
 * 3.10 is newer than 3.9, and 3.1.0.1 and 3.1.0-bugfix are newer than 3.1.0. The order is that of `sort --version-sort`.
 */
export function isNewer(version: string, other: string): boolean {
  const [parts, others] = [version, other].map((text) => text.match(/\d+|\D/g) ?? []);
  for (let i = 0; i < Math.max(parts.length, others.length); i++) {
    const order = compare(parts[i] ?? "", others[i] ?? "");
    if (order !== 0) return order > 0;
  }
  return false;
}

/** The end of a version is an empty part. */
function compare(part: string, other: string): number {
  const isNumber = /^\d*$/;
  if (isNumber.test(part) && isNumber.test(other)) return Number(part) - Number(other);
  return rank(part) - rank(other);
}

/** Letters are before other characters, and after numbers and the end. */
function rank(part: string): number {
  if (/^\d*$/.test(part)) return 0;
  return part.charCodeAt(0) + (/[a-z]/i.test(part) ? 0 : 256);
}
