import { backupsIn, completeIn } from "./copy-plan";
import { momentOf } from "./manifest";

/** Where backups are read from. */
export type Place = "outside" | "volume";

/** As messages name it. */
export const PLACES: Readonly<Record<Place, string>> = { outside: "object store", volume: "backup volume" };

export interface BackupRequest {
  readonly place: Place;
  /** The backup must be older than this point in time, in the form of a backup's name. None: the newest. */
  readonly until?: string;
  /** How long a backup may take: a younger one without a manifest may still be on its way. */
  readonly deadlineSeconds: number;
  /** Whether an older one without a manifest is a fault. A restore uses what is complete. */
  readonly proving: boolean;
  readonly now: Date;
}

/**
 * The newest complete backup, or the newest before a point in time.
 *
 * @param files `NAME/FILE` of every file
 */
export function chooseBackup(
  files: readonly string[],
  { place, until, deadlineSeconds, proving, now }: BackupRequest,
): { readonly chosen: string } | { readonly fault: string } {
  const where = PLACES[place];
  const complete = completeIn(files);
  if (complete.length === 0) return { fault: `there is no backup in the ${where}` };
  const newest = backupsIn(files).at(-1) as string;
  const ageSeconds = Math.floor((now.getTime() - (momentOf(newest) as Date).getTime()) / 1000);
  if (proving && !complete.includes(newest) && ageSeconds > deadlineSeconds)
    return { fault: `the newest backup, ${newest} (${where}), has no manifest: it is incomplete` };
  const chosen = complete.filter((name) => until === undefined || name < until).at(-1);
  return chosen === undefined
    ? { fault: `there is no backup in the ${where} from before ${until}; the oldest is ${complete[0]}` }
    : { chosen };
}

const HOUR_MS = 3_600_000;

/** Binary logs that were closed before a backup are contained in it. One hour more, because clocks differ. */
export function logsSince(backup: string): Date {
  return new Date((momentOf(backup) as Date).getTime() - HOUR_MS);
}
