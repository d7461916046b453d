import * as fs from "node:fs";
import * as path from "node:path";
import { readIfThere } from "./folder";
import { expired, type Retention } from "./retention";

/** Prefix of the folder of a backup that is not complete. It ends with the name of its pod. */
const UNFINISHED = ".unfinished-";
/** Name of the last backup that was verified. */
const LAST_VERIFIED = "last-verified";
const MINUTE_MS = 60_000;

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
