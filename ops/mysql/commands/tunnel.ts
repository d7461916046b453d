import { TUNNEL_PORT } from "../../../contract/ports";
import { Refusal } from "../../../contract/refusal";
import { clusterOf } from "../../cluster";
import { command } from "../../command";
import { portOf } from "../../port";
import { interrupted, runVisibly } from "../../process";
import { openEndpoint } from "../endpoint";
import { requireSignIn } from "../sign-in";

export const tunnelCommand = command({
  summary:
    "open a port that leads to MySQL's primary while a command runs, for example `pulumi up` of the tenants, or until it is interrupted",
  options: { port: { value: "PORT", default: String(TUNNEL_PORT), help: "the port on 127.0.0.1" } },
  rest: { value: "COMMAND…", help: "the command to run while the tunnel is open" },
  run: async ({ stack, port = String(TUNNEL_PORT) }, words) => {
    const listen = portOf(port);
    const cluster = clusterOf(stack);
    const tunnel = await openEndpoint(cluster, listen).catch((error: unknown) => {
      if (error instanceof Refusal) throw error;
      throw new Refusal(
        "MYSQL_TUNNEL_NOT_OPENED",
        `127.0.0.1:${port} cannot be opened: ${String(error)}. Another tunnel may be open; if not, choose a free port with --port, and set nacos-tenants:endpoint to the same.`,
      );
    });
    try {
      if (words.length === 0) {
        console.log(`127.0.0.1:${port} leads to MySQL's primary in ${cluster.namespace}. Ctrl-C closes it.`);
        await interrupted();
      } else {
        await requireSignIn(cluster, listen);
        process.exitCode = await runVisibly(words);
      }
    } finally {
      tunnel.close();
    }
  },
});
