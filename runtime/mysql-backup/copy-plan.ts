import { asLines } from "./folder";
import { momentOf } from "./manifest";
import { expired, logsNeededSince, type Retention, withoutFraction } from "./retention";

/** The names of the backups in a list of files: `NAME/FILE`. */
export function backupsIn(files: readonly string[]): string[] {
  return [...new Set(files.map((file) => file.split("/")[0]))].filter((name) => momentOf(name) !== undefined).sort();
}

/**
 * What copy-out.sh does with the object store, as one file per value. The retention is that of the backup volume, applied to
 * what the object store holds: after the loss of the volume it holds more.
 *
 * @param files in the object store before the copy; undefined if they could not be listed. Then nothing is removed in this run.
 */
export function copyPlan(
  name: string,
  files: readonly string[] | undefined,
  retention: Retention,
  verified: string,
  now: Date,
): Record<string, string> {
  if (files === undefined) return { name, expired: "", "logs-before": "" };
  const names = [...new Set([...backupsIn(files), name])];
  const old = expired(names, retention, verified, now);
  const kept = names.filter((each) => !old.includes(each));
  return { name, expired: asLines(old), "logs-before": withoutFraction(logsNeededSince(kept)) };
}
