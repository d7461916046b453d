import { clusterOf } from "../../cluster";
import { command } from "../../command";
import { runVisibly } from "../../process";
import { openEndpoint } from "../endpoint";
import { requireSignIn } from "../sign-in";
import { Refusal } from "../../../contract/refusal";

export const tunnelCommand = command({
  summary: "open mysql.endpoint while a command runs, for example `pulumi up`, or until it is interrupted",
  rest: { value: "COMMAND…", help: "the command to run while the tunnel is open" },
  run: async ({ stack }, words) => {
    const cluster = clusterOf(stack);
    const { mysql: { endpoint }, namespace } = cluster;
    const tunnel = await openEndpoint(cluster).catch((error: unknown) => {
      if (error instanceof Refusal) throw error;
      throw new Refusal(`${endpoint} cannot be opened: ${String(error)}. Another tunnel may be open; if not, set mysql.endpoint to a free port.`);
    });
    try {
      if (words.length === 0) {
        console.log(`${endpoint} leads to MySQL's primary in ${namespace}. Ctrl-C closes it.`);
        await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
      } else {
        await requireSignIn(cluster);
        process.exitCode = await runVisibly(words);
      }
    } finally {
      tunnel.close();
    }
  },
});
