import { CONSOLE_PORT } from "../../../contract/ports";
import { clusterOf } from "../../cluster";
import { command } from "../../command";
import { portOf } from "../../port";
import { interrupted } from "../../process";
import { loginText, openConsole } from "../console";

export const consoleCommand = command({
  summary: "open the web console on a port of this machine, until it is interrupted",
  options: {
    server: {
      value: "SERVER",
      default: "one that is ready, and another one when that is not",
      help: "the server, for example nacos-1",
    },
    port: { value: "PORT", default: String(CONSOLE_PORT), help: "the port on 127.0.0.1" },
  },
  run: async ({ stack, server, port = String(CONSOLE_PORT) }) => {
    const listen = portOf(port);
    const cluster = clusterOf(stack);
    const { url, close } = await openConsole(cluster, listen, server);
    try {
      console.log(`${url} is the console of ${server ?? "Nacos"} in ${cluster.namespace}. Ctrl-C closes it.`);
      console.log(loginText(cluster));
      await interrupted();
    } finally {
      close();
    }
  },
});
