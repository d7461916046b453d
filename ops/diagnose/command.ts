import { apiOf } from "../../clients/kubernetes/kubeconfig";
import { clusterOf } from "../cluster";
import { command } from "../command";
import { run } from "./check";
import { CHECKS } from "./checks";
import { diagnosis, text } from "./report";
import { World } from "./world";

/** How long a check may take. All run at the same time, so the command ends within 10 s. */
const LIMIT_MS = 7500;
/** How many requests the API server may get at the same time, so that a slow one does not delay the checks one after the other. */
const SOCKETS = 24;

export const diagnoseCommand = command({
  summary: "check everything at once: what is wrong, how bad it is, and what fixes it",
  options: { json: { help: "the report in JSON" } },
  run: async ({ stack, json }) => {
    const cluster = clusterOf(stack);
    const world = new World({ ...cluster, api: apiOf(cluster.config, SOCKETS) }, Date.now());
    try {
      const results = await Promise.all(CHECKS.map((check) => run(check, world, LIMIT_MS)));
      const found = diagnosis(cluster, cluster.config.getCurrentContext(), world.now, results);
      console.log(json ? JSON.stringify(found, undefined, 2) : text(found));
      process.exitCode = found.status;
    } finally {
      world.close();
    }
  },
});
