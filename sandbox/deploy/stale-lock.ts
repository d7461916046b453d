import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { isAlive } from "../host/pid-file";

interface Lock {
  readonly pid: number;
  readonly hostname: string;
  readonly timestamp: string;
}

/** A younger lock without content may still be being written. */
const BEING_WRITTEN_MS = 60_000;

/**
 * Releases the locks in a local backend that killed Pulumi processes of this machine left. A lock of a live process, or of
 * another machine, stays.
 *
 * @returns one line for each released lock
 */
export function releaseStaleLocks(backend: string, stack: string): string[] {
  const folder = path.join(backend, ".pulumi", "locks");
  if (!fs.existsSync(folder)) return [];
  const files = fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => path.basename(path.dirname(file)) === stack && file.endsWith(".json"));
  return files
    .map((file) => path.join(folder, file))
    .flatMap((file) => {
      const lock = readLock(file);
      if (lock === undefined) {
        if (Date.now() - fs.statSync(file).mtimeMs < BEING_WRITTEN_MS) return [];
        fs.rmSync(file);
        return [`released a lock of stack "${stack}" that is incomplete: Pulumi was killed while it wrote it`];
      }
      const { pid, hostname, timestamp } = lock;
      if (hostname !== os.hostname() || isPulumi(pid)) return [];
      fs.rmSync(file);
      return [`released the lock of stack "${stack}" that Pulumi process ${pid} took at ${timestamp}: it was killed`];
    });
}

/** What a lock says; undefined if it was cut short. */
function readLock(file: string): Lock | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as Lock;
  } catch {
    return undefined;
  }
}

/** Whether a process is Pulumi; its PID may have been reused by another. */
function isPulumi(pid: number): boolean {
  try {
    return isAlive(pid) && fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "pulumi";
  } catch {
    return false; // it has ended in between
  }
}
