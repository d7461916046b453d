import { momentOf } from "./manifest";

/** Which backups are kept: by number and by age. */
export interface Retention {
  /** Minimum number of backups to keep, however old they are. */
  readonly count: number;
  /** Backups that are younger than this number of days are kept as well. */
  readonly days: number;
}

const DAY_MS = 86_400_000;

/**
 * The backups that may be deleted, newest first.
 *
 * @param names of backups, in any order; other names are ignored
 * @param verified the last backup that was verified, which is kept
 */
export function expired(names: readonly string[], { count, days }: Retention, verified: string, now: Date): string[] {
  const oldest = nameOf(new Date(now.getTime() - days * DAY_MS));
  return names
    .filter((name) => momentOf(name) !== undefined)
    .sort()
    .reverse()
    .slice(count)
    .filter((name) => name < oldest && name !== verified);
}

/**
 * No backup needs binary logs that were closed before this time. It is one day before the oldest backup, because clocks differ.
 *
 * @param names of all backups that are kept; at least one
 */
export function logsNeededSince(names: readonly string[]): Date {
  const [oldest] = [...names].sort();
  return new Date((momentOf(oldest) as Date).getTime() - DAY_MS);
}

/** The name of a backup of this time: 20261231T235959Z. */
function nameOf(moment: Date): string {
  return withoutFraction(moment).replace(/[-:]/g, "");
}

/** ISO 8601 in whole seconds: 2026-12-31T23:59:59Z. */
export function withoutFraction(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, "Z");
}
