import { asLines } from "./folder";
import { momentOf } from "./manifest";
import { expired, logsNeededSince, type Retention, withoutFraction } from "./retention";

/** The names of the backups in a list of files: `NAME/FILE`. */
export function backupsIn(files: readonly string[]): string[] {
  return [...new Set(files.map((file) => file.split("/")[0]))].filter((name) => momentOf(name) !== undefined).sort();
}

/** The same, of those that are complete: the manifest is written last. */
export function completeIn(files: readonly string[]): string[] {
  return backupsIn(files.filter((file) => /^[^/]+\/manifest\.json$/.test(file)));
}

/**
 * What copy-out.sh does with the object store, as one file per value: it copies every backup that an earlier run could not copy,
 * the newest first. The retention is that of the backup volume, applied to what the object store holds: after the loss of the
 * volume it holds more.
 *
 * @param made the complete backups on the backup volume; the last one is new
 * @param files in the object store before the copy; undefined if they could not be listed. Then nothing is removed in this run.
 */
export function copyPlan(
  made: readonly string[],
  files: readonly string[] | undefined,
  retention: Retention,
  verified: string,
  now: Date,
): Record<string, string> {
  if (files === undefined) return { names: asLines(made.slice(-1)), expired: "", "logs-before": "" };
  const there = completeIn(files);
  const names = [...new Set([...there, ...made])];
  // Nobody completes these.
  const incomplete = backupsIn(files).filter((each) => !names.includes(each));
  const old = [
    ...expired(names, retention, verified, now),
    ...expired(incomplete, { ...retention, count: 0 }, "", now),
  ];
  const kept = names.filter((each) => !old.includes(each));
  return {
    names: asLines(made.filter((each) => kept.includes(each) && !there.includes(each)).reverse()),
    expired: asLines(old),
    "logs-before": withoutFraction(logsNeededSince(kept)),
  };
}
