import * as fs from "node:fs";
import * as path from "node:path";
import { readIfThere } from "./folder";
import { MANIFEST_FILE, momentOf } from "./manifest";
import { expired, type Retention } from "./retention";

/** Prefix of the folder of a backup that is not complete. It ends with the name of its pod. */
const UNFINISHED = ".unfinished-";
/** Name of the last backup that was verified. */
const LAST_VERIFIED = "last-verified";
const MINUTE_MS = 60_000;
/** How much larger than the newest backup the next one may be, as far as backups can be removed for that. */
const GROWTH = 1.2;

/** The backup volume. */
export class BackupVolume {
  constructor(readonly root: string) {}

  unfinished(pod: string): string {
    return path.join(this.root, `${UNFINISHED}${pod}`);
  }

  folderOf(backup: string): string {
    return path.join(this.root, backup);
  }

  /** The last backup that was verified; empty if none was. */
  get verified(): string {
    return readIfThere(this.root, LAST_VERIFIED) ?? "";
  }

  set verified(backup: string) {
    this.replace(LAST_VERIFIED, `${backup}\n`);
  }

  /** The names of the complete backups, oldest first. */
  get complete(): string[] {
    const isComplete = (name: string): boolean => fs.existsSync(path.join(this.folderOf(name), MANIFEST_FILE));
    return fs
      .readdirSync(this.root)
      .filter((name) => momentOf(name) !== undefined && isComplete(name))
      .sort();
  }

  /**
   * Removes the oldest backups that are off-site too, until there is ample room for the next one. Removes none if that would not
   * make room for another one like the newest.
   *
   * @param offsite names of the complete backups in the object store
   * @returns the names of those that it removed
   * @throws Error if there would be no room: the retention does not fit the volume
   */
  makeRoom(offsite: readonly string[], free = () => freeBytes(this.root)): string[] {
    const kept = this.complete;
    const newest = kept.pop();
    if (newest === undefined) return [];
    const needed = this.sizeOf(newest);
    const removable = kept.filter((each) => offsite.includes(each));
    const room = removable.reduce((sum, name) => sum + this.sizeOf(name), free());
    if (room < needed)
      throw new Error(
        `the backup volume has room for ${mebibytes(room)}, and the next backup needs about ${mebibytes(needed)}: mysql.backup.retention keeps ${kept.length + 1 - removable.length} backups there. Enlarge mysql.backup.storageGiB, or lower mysql.backup.retention.count and days`,
      );
    const removed: string[] = [];
    for (const name of removable) {
      if (free() >= GROWTH * needed) break;
      removeFolder(this.folderOf(name));
      removed.push(name);
    }
    return removed;
  }

  private sizeOf(backup: string): number {
    const files = fs.readdirSync(this.folderOf(backup)).map((file) => path.join(this.folderOf(backup), file));
    return files.reduce((sum, file) => sum + fs.statSync(file).size, 0);
  }

  replace(file: string, content: string): void {
    fs.writeFileSync(path.join(this.root, `${file}.new`), content);
    fs.renameSync(path.join(this.root, `${file}.new`), path.join(this.root, file));
  }

  /** Removes what runs left that were killed, and the backups that retention no longer keeps. @returns their names */
  removeOld(retention: Retention, deadlineMinutes: number, now: Date): string[] {
    const folders = fs
      .readdirSync(this.root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    for (const name of folders.filter((folder) => folder.startsWith(UNFINISHED))) {
      const folder = path.join(this.root, name);
      if (now.getTime() - fs.statSync(folder).mtimeMs > deadlineMinutes * MINUTE_MS) removeFolder(folder);
    }
    const old = expired(folders, retention, this.verified, now);
    for (const name of old) removeFolder(path.join(this.root, name));
    return old;
  }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

/** The free bytes of a folder's volume. */
function freeBytes(folder: string): number {
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize;
}

export function removeFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Waits until a file, or the list of a folder's files, is on the disk. */
export function flush(file: string): void {
  const descriptor = fs.openSync(file, "r");
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
