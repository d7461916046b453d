import * as fs from "node:fs";
import * as path from "node:path";
import { run, waitFor } from "../exec";
import { disown } from "../host/lock";
import { cgroupExists, cgroupOf, processesIn, removeCgroup } from "./cgroups";
import { clusterDir } from "./cluster";

/**
 * Stops and removes everything of a cluster in the kernel: its processes, mounts, network namespaces and cgroups. They are
 * found by the cluster's name in the kernel's own lists, so it works after any crash. Files stay.
 */
export async function clusterDown(name: string): Promise<void> {
  const cgroup = cgroupOf(name);
  await waitFor(`the processes and cgroups of cluster "${name}" to go`, 60, () => {
    for (const pid of processesIn(cgroup)) kill(pid);
    removeCgroup(cgroup);
    return !cgroupExists(cgroup);
  });
  for (const pid of pulumiPlugins(name)) kill(pid);
  for (const netns of networkNamespaces(name)) await run("ip", ["netns", "delete", netns]);
  fs.rmSync(path.join("/run", "nacos-platform", name), { recursive: true, force: true });
  fs.rmSync(path.join(clusterDir(name), "run"), { recursive: true, force: true });
  disown(name);
}

/** Plugins of Pulumi that act on the cluster. They run outside its cgroup, and a Pulumi that was killed may leave one behind. */
export function pulumiPlugins(name: string): number[] {
  const plugins = `${path.join(clusterDir(name), "pulumi", "home", "plugins")}/`;
  return fs
    .readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(plugins);
      } catch {
        return false; // it has ended meanwhile
      }
    });
}

/** Whether anything of a cluster of that name is left in the kernel. */
export function isRunning(name: string): boolean {
  return cgroupExists(cgroupOf(name)) || networkNamespaces(name).length > 0;
}

/** Deletes a cluster's files: its volumes, its API objects and the state of the stacks on it. */
export function deleteClusterFiles(name: string): void {
  fs.rmSync(clusterDir(name), { recursive: true, force: true });
}

/** The network namespaces of a cluster: `np-<cluster>-<place>`. */
export function networkNamespaces(name: string): string[] {
  if (!fs.existsSync("/run/netns")) return [];
  return fs.readdirSync("/run/netns").filter((netns) => new RegExp(`^np-${name}-(control-plane|node\\d)$`).test(netns));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
