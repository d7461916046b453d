import { spawn } from "node:child_process";
import { clusterOf } from "../../cluster";
import { openForward } from "../../kubernetes/forward";
import type { Command } from "../../main";
import { OBJECTS } from "../settings";
import { Refusal } from "../refusal";

export const tunnelCommand: Command = {
  usage: "[-- COMMAND…]",
  summary: "open mysql.endpoint while COMMAND runs, say `pulumi up`, or until it is interrupted",
  run: async ({ stack, words }) => {
    const { config, namespace, endpoint } = clusterOf(stack);
    const [host, port] = endpoint.split(":");
    if (host !== "127.0.0.1") throw new Refusal(`mysql.endpoint of stack ${stack} is ${endpoint}, which no tunnel leads to: Pulumi goes there by itself.`);
    const tunnel = await openForward(config, { listen: Number(port), namespace, to: { service: OBJECTS.writerService }, port: 3306 }).catch((error: unknown) => {
      throw new Refusal(`${endpoint} cannot be opened: ${String(error)}. Another tunnel may be open; otherwise set mysql.endpoint to a port that is free.`);
    });
    if (words.length === 0) {
      console.log(`${endpoint} leads to MySQL's primary in ${namespace}. Ctrl-C closes it.`);
      await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
    } else {
      process.exitCode = await statusOf(words);
    }
    tunnel.close();
  },
};

function statusOf([command, ...args]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    process.on("SIGINT", () => undefined); // the command gets it too, and ends in good order
    spawn(command, args, { stdio: "inherit" })
      .on("error", (error) => reject(new Refusal(`${command} cannot be started: ${error.message}`)))
      .on("close", (status) => resolve(status ?? 1));
  });
}
