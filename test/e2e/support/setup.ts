import * as fs from "node:fs";
import { clusterDown, deleteClusterFiles } from "../../../sandbox/cluster/down";
import { waitFor } from "../../../sandbox/exec";
import { atWork } from "../../../sandbox/host/lock";
import { isAlive } from "../../../sandbox/host/pid-file";
import { temporaryRoot } from "./environments";

/** Hooks that clear what an earlier run left behind, however it ended, and what this one leaves unless KEEP is set. */
export function clearing(
  clusters: readonly string[],
  more: () => void = () => undefined,
): { beforeAll: () => Promise<void>; afterAll: () => Promise<void> } {
  const clear = async (): Promise<void> => {
    for (const cluster of clusters) {
      await endCommand(cluster);
      await clusterDown(cluster);
      deleteClusterFiles(cluster); // clusters of the tests hold no data but theirs
      fs.rmSync(temporaryRoot(cluster), { recursive: true, force: true });
    }
    more();
  };
  return { beforeAll: clear, afterAll: () => (process.env.KEEP === undefined ? clear() : Promise.resolve()) };
}

/** Ends a command that a killed run left running on a cluster. */
async function endCommand(cluster: string): Promise<void> {
  const pid = atWork(cluster);
  if (pid === undefined) return;
  process.kill(pid, "SIGTERM"); // it ends Pulumi first
  await waitFor(`process ${pid} of an earlier run to end`, 120, () => !isAlive(pid));
}
