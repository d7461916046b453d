import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { waitFor } from "../../../sandbox/exec";
import { isAlive } from "../../../sandbox/host/pid-file";
import { checkout } from "../../../sandbox/paths";
import type { Environment } from "./environments";

/** The Pulumi process that has a stack of an embedded cluster locked. */
function updating(clusterDir: string, stack: string): number | undefined {
  const locks = path.join(clusterDir, "pulumi", "state", ".pulumi", "locks", "organization", "nacos-platform", stack);
  const files = fs.existsSync(locks) ? fs.readdirSync(locks) : [];
  const pids = files.flatMap((file) => {
    try {
      return [(JSON.parse(fs.readFileSync(path.join(locks, file), "utf8")) as { pid: number }).pid];
    } catch {
      return []; // it has gone, or is being written
    }
  });
  return pids.find(isAlive);
}

/**
 * Runs `make up`, and kills Pulumi the given number of milliseconds after its update has begun.
 *
 * @returns whether it was killed: it may have finished before that
 * @throws if `make up` fails by itself: it should have taken over what the killed one left.
 */
export async function upKilledAfter(
  environment: Environment,
  clusterDir: string,
  milliseconds: number,
): Promise<boolean> {
  const words = [
    "--stack",
    environment.stack,
    "--name",
    environment.cluster,
    "--port-offset",
    String(environment.portOffset),
  ];
  const up = spawn(process.execPath, ["--require", "sucrase/register", "sandbox/main.ts", "up", ...words], {
    cwd: checkout,
  });
  let printed = "";
  for (const stream of [up.stdout, up.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => up.on("close", resolve));
  await waitFor(
    "the update to begin",
    300,
    () =>
      up.exitCode !== null || (/^Updating \(/m.test(printed) && updating(clusterDir, environment.stack) !== undefined),
    20,
  );
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, milliseconds))]);
  const pid = updating(clusterDir, environment.stack);
  if (pid !== undefined) process.kill(pid, "SIGKILL");
  const status = await ended;
  if (pid === undefined && status !== 0) throw new Error(`make up failed by itself, with ${status}:\n${printed}`);
  return pid !== undefined;
}
