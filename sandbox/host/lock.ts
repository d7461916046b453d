import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../errors";
import { livePid, writePid } from "./pid-file";

/**
 * Does work on a cluster while no other command does. The lock lies with the kernel-side names of
 * the cluster, not with its files: those depend on the user's home, the names do not.
 *
 * @throws UserError that names the process at work, or the other folder that holds the cluster.
 */
export async function exclusively<T>(cluster: string, clusterDir: string, work: () => Promise<T>): Promise<T> {
  const folder = path.join("/run", "nacos-platform");
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  const lock = path.join(folder, `${cluster}.lock`);
  acquire(lock, cluster);
  try {
    const owner = path.join(folder, `${cluster}.owner`);
    if (fs.existsSync(owner) && fs.readFileSync(owner, "utf8") !== clusterDir) {
      throw new UserError(`a cluster "${cluster}" of another user or XDG_STATE_HOME exists on this machine: its files are in ${fs.readFileSync(owner, "utf8")}. Choose another NAME, or take that one down from there.`);
    }
    fs.writeFileSync(owner, clusterDir);
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/** Forgets which folder holds the cluster; for when nothing of it runs any more. */
export function disown(cluster: string): void {
  fs.rmSync(path.join("/run", "nacos-platform", `${cluster}.owner`), { force: true });
}

/** A hard link is made or refused as a whole, so that two commands cannot both have the lock. */
function acquire(lock: string, cluster: string): void {
  const own = `${lock}.${process.pid}`;
  writePid(own, process.pid);
  try {
    if (fs.existsSync(lock) && livePid(lock) === undefined) fs.rmSync(lock, { force: true }); // its process was killed
    fs.linkSync(own, lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new UserError(`another command is at work on cluster "${cluster}" (process ${livePid(lock) ?? "unknown"}). Wait for it, or end it, and run this again.`);
  } finally {
    fs.rmSync(own, { force: true });
  }
}
