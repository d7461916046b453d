import { clusterOf } from "../../cluster";
import type { Command } from "../../main";
import { runVisibly } from "../../process";
import { openEndpoint } from "../endpoint";
import { requireSignIn } from "../sign-in";
import { Refusal } from "../../refusal";

export const tunnelCommand: Command = {
  usage: "[-- COMMAND…]",
  summary: "open mysql.endpoint while COMMAND runs, say `pulumi up`, or until it is interrupted",
  run: async ({ stack, words }) => {
    const cluster = clusterOf(stack);
    const { mysql: { endpoint }, namespace } = cluster;
    const tunnel = await openEndpoint(cluster).catch((error: unknown) => {
      if (error instanceof Refusal) throw error;
      throw new Refusal(`${endpoint} cannot be opened: ${String(error)}. Another tunnel may be open; otherwise set mysql.endpoint to a port that is free.`);
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
};
