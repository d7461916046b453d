import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { lastLines, run, waitFor } from "../exec";
import { isAlive, livePid, writePid } from "../host/pid-file";
import { cgroupOf, ensureCgroup } from "./cgroups";
import { Cluster } from "./cluster";

/** The folders that a node must not share: sockets of shims, network namespaces of pods, results of CNI, sockets and links of kubelet. */
const PRIVATE_FOLDERS = ["/run/containerd", "/run/netns", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers"];

/**
 * A place of the cluster (the control plane or a node): separate network, mount, PID, IPC and
 * host name namespaces, held by one process. When that process dies, the kernel kills every process
 * in the place and removes every mount made there. Its network namespace and cgroup are left for `down`.
 */
export class Place {
  readonly netns: string;
  private readonly holderFile: string;

  constructor(
    private readonly cluster: Cluster,
    readonly name: string,
  ) {
    this.netns = `np-${cluster.spec.name}-${name}`;
    this.holderFile = path.join(cluster.dir, "run", `${name}.pid`);
  }

  /** Host PID of the process that holds the namespaces, or undefined while the place does not run. */
  get holder(): number | undefined {
    return livePid(this.holderFile);
  }

  /** Starts the place; its network namespace must exist. Returns false if it runs already. */
  async start(): Promise<boolean> {
    if (this.holder !== undefined) return false;
    const ready = path.join(this.cluster.runDir, `${this.name}.ready`);
    fs.rmSync(ready, { force: true });
    for (const folder of PRIVATE_FOLDERS) fs.mkdirSync(folder, { recursive: true });
    const prepare = [
      "mount --make-rshared /",
      ...PRIVATE_FOLDERS.map((folder) => `mount -t tmpfs tmpfs ${folder}`),
      `hostname ${this.name}`,
      `touch ${ready}`,
      "exec catatonit -P",
    ].join(" && ");
    const launcher = this.spawnIn(`${this.name}-holder`, [
      "nsenter",
      `--net=/run/netns/${this.netns}`,
      "unshare",
      "--mount",
      "--propagation",
      "private",
      "--pid",
      "--fork",
      "--kill-child",
      "--mount-proc",
      "--uts",
      "--ipc",
      "sh",
      "-c",
      prepare,
    ]);
    await waitFor(`the namespaces of ${this.name}`, 20, () => {
      if (fs.existsSync(ready)) return true;
      if (!isAlive(launcher))
        throw new Error(`the namespaces of ${this.name} could not be made:\n${this.logTail(`${this.name}-holder`)}`);
      return false;
    });
    const holder = fs.readFileSync(`/proc/${launcher}/task/${launcher}/children`, "utf8").trim().split(" ")[0];
    writePid(this.holderFile, Number(holder));
    return true;
  }

  private requireHolder(): number {
    if (this.holder === undefined) throw new Error(`${this.name} of cluster "${this.cluster.spec.name}" does not run`);
    return this.holder;
  }

  /** The command line that runs a command inside the place. */
  command(command: string[]): string[] {
    return [
      "nsenter",
      `--target=${this.requireHolder()}`,
      "--mount",
      "--pid",
      "--net",
      "--uts",
      "--ipc",
      "--",
      ...command,
    ];
  }

  /** Runs a command inside the place to its end and returns its output. */
  exec(command: string[], options: { input?: string } = {}): Promise<string> {
    const [program, ...args] = this.command(command);
    return run(program, args, options);
  }

  /** Starts a long-running process inside the place, unless it runs. Its output goes to `<logs>/<name>.log`. */
  ensureProcess(name: string, command: string[]): void {
    const pidFile = path.join(this.cluster.dir, "run", `${name}.pid`);
    if (livePid(pidFile) === undefined) writePid(pidFile, this.spawnIn(name, this.command(command)));
  }

  private spawnIn(name: string, command: string[]): number {
    return spawnInCgroup(this.cluster, cgroupOf(this.cluster.spec.name, this.name, "system"), name, command);
  }

  private logTail(name: string): string {
    return lastLines(fs.readFileSync(path.join(this.cluster.logDir, `${name}.log`), "utf8"), 10);
  }
}

/** Starts a long-running process of the cluster outside every place (relays to 127.0.0.1), unless it runs. */
export function ensureHostProcess(cluster: Cluster, name: string, command: string[]): void {
  const pidFile = path.join(cluster.dir, "run", `${name}.pid`);
  if (livePid(pidFile) === undefined)
    writePid(pidFile, spawnInCgroup(cluster, cgroupOf(cluster.spec.name, "host"), name, command));
}

/** Ends a process that {@link ensureHostProcess} started, and waits until it is gone. */
export async function stopHostProcess(cluster: Cluster, name: string): Promise<void> {
  const pidFile = path.join(cluster.dir, "run", `${name}.pid`);
  const pid = livePid(pidFile);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    await waitFor(`${name} to end`, 10, () => !isAlive(pid));
  }
  fs.rmSync(pidFile, { force: true });
}

/** Each long-running process that was started, and whether it is alive. */
export function processStates(cluster: Cluster): { name: string; alive: boolean }[] {
  const folder = path.join(cluster.dir, "run");
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".pid"))
    .map((file) => ({ name: file.slice(0, -4), alive: livePid(path.join(folder, file)) !== undefined }));
}

/** One line for each process that was started and has died: of all processes, or of those named. */
export function diedProcesses(cluster: Cluster, names?: string[]): string[] {
  return processStates(cluster)
    .filter(({ name, alive }) => !alive && (names?.includes(name) ?? true))
    .map(({ name }) => `${name} has died; its log: ${path.join(cluster.logDir, `${name}.log`)}`);
}

function spawnInCgroup(cluster: Cluster, cgroup: string, name: string, command: string[]): number {
  fs.mkdirSync(cluster.logDir, { recursive: true });
  const log = fs.openSync(path.join(cluster.logDir, `${name}.log`), "a");
  const join = ensureCgroup(cgroup).map((folder) => `echo $$ > ${folder}/cgroup.procs`);
  const child = spawn("sh", ["-c", `${join.join(" && ")} && exec "$@"`, "sh", ...command], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  fs.closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new Error(`${name} could not be started`);
  return child.pid;
}
