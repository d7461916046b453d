import * as fs from "node:fs";
import * as path from "node:path";

const root = "/sys/fs/cgroup";

/** Every process of a cluster runs below this path in each hierarchy: this is how `down` finds them all, whatever crashed before. */
export function cgroupOf(cluster: string, ...parts: string[]): string {
  return path.join("nacos-platform", cluster, ...parts);
}

/** The mounted hierarchies: one for each v1 controller, or the single v2 one. */
function hierarchies(): string[] {
  const mounts = fs
    .readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(
      ([, target, type]) =>
        target?.startsWith(root) === true && (type === "cgroup" || (type === "cgroup2" && target === root)),
    );
  return mounts.map(([, target]) => target);
}

/** Creates a cgroup in every hierarchy and returns its folders. */
export function ensureCgroup(cgroup: string): string[] {
  return hierarchies().map((hierarchy) => {
    let folder = hierarchy;
    for (const part of cgroup.split("/")) {
      delegateControllers(folder);
      const parent = folder;
      folder = path.join(folder, part);
      fs.mkdirSync(folder, { recursive: true });
      copyCpuset(parent, folder);
    }
    return folder;
  });
}

/** v1: a new cpuset group has no processors until some are assigned to it. */
function copyCpuset(parent: string, folder: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const own = path.join(folder, file);
    if (!fs.existsSync(own) || fs.existsSync(path.join(folder, "cgroup.controllers"))) continue;
    if (fs.readFileSync(own, "utf8").trim() === "")
      fs.writeFileSync(own, fs.readFileSync(path.join(parent, file), "utf8"));
  }
}

/** v2: children get only the controllers that the parent delegates. */
function delegateControllers(folder: string): void {
  const available = path.join(folder, "cgroup.controllers");
  if (!fs.existsSync(available)) return;
  for (const controller of fs.readFileSync(available, "utf8").trim().split(/\s+/)) {
    if (controller !== "") fs.writeFileSync(path.join(folder, "cgroup.subtree_control"), `+${controller}`);
  }
}

/** Every process below a cgroup, in any hierarchy. */
export function processesIn(cgroup: string): number[] {
  const pids = new Set<number>();
  for (const hierarchy of hierarchies()) {
    for (const folder of subtree(path.join(hierarchy, cgroup))) {
      const lines = readOrEmpty(path.join(folder, "cgroup.procs")).split("\n");
      for (const line of lines) if (Number(line) > 0) pids.add(Number(line)); // 0: a process of a foreign PID namespace
    }
  }
  return [...pids];
}

/** Removes a cgroup with all its children. Their processes must be gone. */
export function removeCgroup(cgroup: string): void {
  for (const hierarchy of hierarchies()) {
    for (const folder of subtree(path.join(hierarchy, cgroup)).reverse()) {
      try {
        fs.rmdirSync(folder);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code !== "ENOENT" && code !== "EBUSY") throw error; // EBUSY: a dying process; the caller tries again
      }
    }
    try {
      fs.rmdirSync(path.join(hierarchy, path.dirname(cgroup)));
    } catch {
      // another cluster is in it
    }
  }
}

/** Whether anything of a cgroup is left in any hierarchy. */
export function cgroupExists(cgroup: string): boolean {
  return hierarchies().some((hierarchy) => fs.existsSync(path.join(hierarchy, cgroup)));
}

/** A folder and all folders below it, parents first. */
function subtree(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  const children = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...children.flatMap((child) => subtree(path.join(folder, child.name)))];
}

function readOrEmpty(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return ""; // the group went away between listing and reading
  }
}
