import * as fs from "node:fs";
import * as path from "node:path";
import { clusterDown, deleteClusterFiles } from "../../sandbox/cluster/down";
import { stateRoot } from "../../sandbox/paths";
import { dev, prod } from "./environments";

async function clear(): Promise<void> {
  for (const cluster of [dev.cluster, prod.cluster, "e2e-half"]) {
    await clusterDown(cluster);
    deleteClusterFiles(cluster); // clusters of the tests hold no data but theirs
    fs.rmSync(path.join(stateRoot, "contexts", `embedded-${cluster}`), { recursive: true, force: true });
  }
}

/** Clears what an earlier run left behind, however it ended, and what this one leaves. */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    await clear();
  },
  async afterAll(this: Mocha.Context): Promise<void> {
    if (process.env.KEEP === undefined) await clear();
  },
};
