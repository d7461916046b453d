import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../errors";
import { livePid, writePid } from "./pid-file";

const FOLDER = path.join("/run", "nacos-platform");
const lockFile = (cluster: string) => path.join(FOLDER, `${cluster}.lock`);
const ownerFile = (cluster: string) => path.join(FOLDER, `${cluster}.owner`);

/**
 * Does work on a cluster while no other command does. The lock is kept beside the kernel-side names of
 * the cluster, not beside its files: the files depend on the user's home, the names do not.
 *
 * @throws UserError that names the process at work, or the other folder that holds the cluster.
 */
export async function exclusively<T>(cluster: string, clusterDir: string, work: () => Promise<T>): Promise<T> {
  fs.mkdirSync(FOLDER, { recursive: true, mode: 0o755 });
  const lock = lockFile(cluster);
  acquire(lock, cluster);
  try {
    const owner = ownerFile(cluster);
    if (fs.existsSync(owner) && fs.readFileSync(owner, "utf8") !== clusterDir) {
      throw new UserError(
        `a cluster "${cluster}" of another user or XDG_STATE_HOME exists on this machine: its files are in ${fs.readFileSync(owner, "utf8")}. Choose another NAME, or take that one down from there.`,
      );
    }
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/** The process of the command that is at work on a cluster, if there is one. */
export function atWork(cluster: string): number | undefined {
  return livePid(lockFile(cluster));
}

/** Records which folder holds the cluster; to be called when something of it begins to run. */
export function own(cluster: string, clusterDir: string): void {
  fs.writeFileSync(ownerFile(cluster), clusterDir);
}

/** Forgets which folder holds the cluster; to be called when nothing of it runs any more. */
export function disown(cluster: string): void {
  fs.rmSync(ownerFile(cluster), { force: true });
}

/**
 * Takes a lock. Creating a hard link is atomic, so two commands cannot both have it.
 *
 * @throws UserError that names the process that has it.
 */
export function acquire(lock: string, cluster: string): void {
  const mine = `${lock}.${process.pid}`;
  writePid(mine, process.pid);
  try {
    if (isStale(lock)) removeStale(lock, cluster);
    fs.linkSync(mine, lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new UserError(
      `another command is at work on cluster "${cluster}" (process ${livePid(lock) ?? "unknown"}). Wait for it, or end it, and run this again.`,
    );
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/** Whether the process that took a lock was killed. */
function isStale(lock: string): boolean {
  return fs.existsSync(lock) && livePid(lock) === undefined;
}

/** Removes a stale lock, under a second lock: of two commands that both found it, the slower must not remove what the other has taken since. */
function removeStale(lock: string, cluster: string): void {
  const removal = `${lock}.removal`;
  acquire(removal, cluster);
  try {
    if (isStale(lock)) fs.rmSync(lock);
  } finally {
    fs.rmSync(removal, { force: true });
  }
}
