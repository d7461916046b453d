import * as fs from "node:fs";
import * as path from "node:path";
import { clusterDown, deleteClusterFiles } from "../../sandbox/cluster/down";
import { checkout } from "../../sandbox/paths";
import { dev, prod } from "./environments";

async function clear(): Promise<void> {
  for (const leftover of ["Pulumi.dev-elsewhere.yaml", ...fs.readdirSync(__dirname).filter((name) => name.startsWith(".policy-")).map((name) => path.join("test/e2e", name))]) {
    fs.rmSync(path.join(checkout, leftover), { recursive: true, force: true });
  }
  for (const cluster of [dev.cluster, prod.cluster, "e2e-half"]) {
    await clusterDown(cluster);
    deleteClusterFiles(cluster); // clusters of the tests hold no data but theirs
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
