import { clusterDown, deleteClusterFiles } from "../../../sandbox/cluster/down";

/** Hooks that clear what an earlier run left behind, however it ended, and what this one leaves unless KEEP is set. */
export function clearing(clusters: readonly string[], more: () => void = () => undefined): { beforeAll: () => Promise<void>; afterAll: () => Promise<void> } {
  const clear = async (): Promise<void> => {
    more();
    for (const cluster of clusters) {
      await clusterDown(cluster);
      deleteClusterFiles(cluster); // clusters of the tests hold no data but theirs
    }
  };
  return { beforeAll: clear, afterAll: () => (process.env.KEEP === undefined ? clear() : Promise.resolve()) };
}
