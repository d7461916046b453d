import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { clientOptions } from "../../../components/mysql/bootstrap-accounts";
import { MYSQL_PATHS } from "../../../components/mysql/my-cnf";
import type { StepsArgs, Steps } from "../../../components/mysql/backup/pods";
import { ACCOUNTS } from "../../../contract/accounts";
import { MYSQL_PORT } from "../../../contract/ports";
import { bundle } from "../../../kube/bundle";
import { MYSQL_UID, PASSWORD, put, type Installation, type Mysqld } from "./mysqld";

const COMPONENT = path.join(__dirname, "../../../components/mysql/backup");
const TOOLS = path.join(__dirname, "../../../runtime/mysql-backup/main.ts");
const ENVIRONMENT = { PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
/** Folders of a pod's volumes, and those that outlive it. */
const EMPTY = ["work", "tmp"];
const KEPT = ["backups", "scripts", "tools", "credentials", "ca"];

/** How a pod ended. */
export interface End {
  /** The container that decided that, and its last message. */
  readonly step: string;
  readonly status: number | null;
  readonly message: string;
}

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

/**
 * Runs the steps of backups, verifications and restores as a pod does, one after the other, in a root folder with MySQL's
 * image and Node.js. It does the work of rclone itself, and there is no Nacos.
 */
export class StepRunner {
  private readonly root: string;
  private running: ChildProcess | undefined;

  constructor(
    installation: Installation,
    private readonly server: Mysqld,
  ) {
    this.root = installation.unpack("pod");
    for (const folder of [...EMPTY, ...KEPT, "proc", "usr/local/bin"])
      fs.mkdirSync(this.path(folder), { recursive: true });
    fs.chownSync(this.path("backups"), MYSQL_UID, MYSQL_UID);
    fs.copyFileSync(process.execPath, this.path("usr/local/bin/node"));
    fs.symlinkSync("/proc/self/fd", this.path("dev/fd"));
    put(this.root, "ca/ca.crt", installation.ca);
    put(this.root, "etc/hosts", `${server.host} ${server.name}\n`);
    for (const script of fs.readdirSync(path.join(COMPONENT, "scripts")))
      put(this.root, `scripts/${script}`, fs.readFileSync(path.join(COMPONENT, "scripts", script), "utf8"));
  }

  get args(): StepsArgs {
    const endpoint = `${this.server.name}:${MYSQL_PORT}`;
    const limits = { cpu: "1", memory: "1Gi" };
    return {
      images: { mysql: "", node: "", rclone: "" },
      servers: [endpoint],
      primary: endpoint,
      own: true,
      retention: { count: 7, days: 30 },
      deadlineSeconds: 600,
      maxAgeHours: 1,
      scratch: { requests: limits, limits },
      scratchGiB: 1,
      storageGiB: 1,
      storageClass: "",
      outside: false,
      scripts: "",
      tools: "",
      caConfigMap: "",
      backupCredentials: "",
      restoreCredentials: "",
      nacos: { host: "", servers: "", version: "3.1.0", identitySecret: "" },
      claim: "",
    };
  }

  /** @param values environment variables to replace, by name, in every container that has them */
  async run(
    account: "backup" | "restore",
    { initContainers, containers }: Steps,
    values: Readonly<Record<string, string>> = {},
  ): Promise<End> {
    put(this.root, "tools/main.js", await bundle(TOOLS));
    const user = ACCOUNTS[account];
    put(this.root, "credentials/credentials.json", JSON.stringify({ user, password: PASSWORD }));
    const server = { host: this.server.name, port: MYSQL_PORT };
    put(this.root, "credentials/client.cnf", clientOptions({ user, password: PASSWORD, server }));
    for (const folder of EMPTY) {
      fs.rmSync(this.path(folder), { recursive: true });
      fs.mkdirSync(this.path(folder));
      fs.chownSync(this.path(folder), MYSQL_UID, MYSQL_UID);
    }
    let end: End = { step: "", status: 0, message: "" };
    for (const container of [...(initContainers as Container[]), ...(containers as Container[])]) {
      end = await this.container(container, values);
      if (end.status !== 0) break;
    }
    return end;
  }

  /** As a node that is lost does. */
  kill(): void {
    const { pid, exitCode = 0, signalCode = null } = this.running ?? {};
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
  }

  /** What a file of the backup volume or of the last pod has. */
  read(...name: string[]): string {
    return fs.readFileSync(this.path(...name), "utf8");
  }

  private async container({ name, command, env }: Container, values: Readonly<Record<string, string>>): Promise<End> {
    if (name === "list") this.list();
    if (name === "fetch") this.fetch();
    if (["list", "fetch", "registry"].includes(name)) return { step: name, status: 0, message: "" };
    for (const file of ["dev/termination-log", "dev/null"]) {
      put(this.root, file, "");
      fs.chownSync(this.path(file), MYSQL_UID, MYSQL_UID);
    }
    const log = fs.openSync(this.path("log"), "a");
    const named = Object.fromEntries(env.map((one) => [one.name, values[one.name] ?? one.value ?? ""]));
    // Its processes end with it, as those of a container do.
    const isolated = ["--mount", "--pid", "--fork", "--kill-child", `--mount-proc=${this.path("proc")}`];
    this.running = spawn(
      "unshare",
      [...isolated, "chroot", `--userspec=${MYSQL_UID}:${MYSQL_UID}`, this.root, ...command],
      { detached: true, env: { ...ENVIRONMENT, ...named }, stdio: ["ignore", log, log] },
    );
    fs.closeSync(log);
    const [status] = (await once(this.running, "exit")) as [number | null];
    const message = this.read("dev/termination-log") || this.read("log").split("\n").slice(-20).join("\n");
    return { step: name, status, message };
  }

  private list(): void {
    const files = fs.readdirSync(this.path("backups"), { recursive: true, encoding: "utf8" });
    put(this.root, "work/listing", files.filter((file) => file.includes("/")).join("\n"));
    put(this.root, "work/faults", "");
    fs.chownSync(this.path("work/faults"), MYSQL_UID, MYSQL_UID);
  }

  /** The chosen backup, and the logs that the server has closed. */
  private fetch(): void {
    const copy = (from: string, to: string) => execFileSync("cp", ["-r", "--preserve=timestamps", from, to]);
    copy(this.path("backups", this.read("work/chosen").trim()), this.path("work/backup"));
    const data = path.join(this.server.root, MYSQL_PATHS.data);
    const uuid = /^server-uuid=(.*)$/m.exec(fs.readFileSync(path.join(data, "auto.cnf"), "utf8"))?.[1] ?? "";
    fs.mkdirSync(this.path("work/binlogs", uuid), { recursive: true });
    const closed = fs.readdirSync(data).filter((file) => /^binlog\.\d+$/.test(file));
    for (const file of closed.sort().slice(0, -1)) copy(path.join(data, file), this.path("work/binlogs", uuid, file));
    execFileSync("chown", ["-R", `${MYSQL_UID}:${MYSQL_UID}`, this.path("work")]);
  }

  private path(...name: string[]): string {
    return path.join(this.root, ...name);
  }
}
