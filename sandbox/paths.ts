import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** The checkout this program runs from. */
export const checkout = path.resolve(__dirname, "..");

/** Per-user cache shared by every checkout: toolchain binaries and image archives, keyed by version. */
export const cacheDir = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "nacos-platform");

/** Per-user state: one folder per cluster. It holds data (volumes, etcd, the stacks' state), so nothing here is a cache. */
export const stateRoot = path.join(
  process.env.XDG_STATE_HOME ?? path.join(os.homedir(), ".local", "state"),
  "nacos-platform",
);

/** The first 12 hex digits of the SHA-256 over the parts, with lengths, so that no two lists collide. */
export function digest(...parts: (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex").slice(0, 12);
}

/** Writes a file under a temporary name first, so that a reader never sees half of it, not even after an interruption. */
export function writeAtomically(file: string, content: string, mode = 0o644): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, content, { mode });
  fs.renameSync(temporary, file);
}

/** Gives a finished folder its final name. If another process has finished the same folder meanwhile, that one stays and this one is deleted. */
export function moveUnlessThere(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (!fs.existsSync(to)) throw error;
    fs.rmSync(from, { recursive: true, force: true });
  }
}
