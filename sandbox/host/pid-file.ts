import * as fs from "node:fs";
import * as path from "node:path";

/** A PID file holds the start time too, so that a reused PID is not mistaken for ours. */
export function writePid(file: string, pid: number): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${pid} ${startTime(pid) ?? ""}`);
}

/** The process that a PID file names; undefined if exactly this process is no longer alive. */
export function livePid(file: string): number | undefined {
  if (!fs.existsSync(file)) return undefined;
  const [pid, started] = fs.readFileSync(file, "utf8").split(" ");
  return startTime(Number(pid)) === started && started !== "" && isAlive(Number(pid)) ? Number(pid) : undefined;
}

function startTime(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Whether a process is alive; a zombie is not. */
export function isAlive(pid: number): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1][0] !== "Z";
  } catch {
    return false;
  }
}
