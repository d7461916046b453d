import * as fs from "node:fs";
import { UserError } from "../errors";

/** Throws a UserError if the disk of a folder has less than `gib` GiB free. Creates the folder if necessary. */
export function requireFreeSpace(folder: string, gib: number, purpose: string, remedy: string): void {
  fs.mkdirSync(folder, { recursive: true });
  const disk = fs.statfsSync(folder);
  const free = (disk.bavail * disk.bsize) / 2 ** 30;
  if (free < gib)
    throw new UserError(
      `${folder} has ${free.toFixed(1)} GiB free; ${purpose} takes up to ${gib} GiB. Free some space, or set ${remedy} to a larger disk.`,
    );
}
