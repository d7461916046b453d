import { command } from "../../command";
import { switchover } from "../../../runtime/mysql-controller/switchover";
import { requireKnown, underLease, withServers } from "./servers";

export const switchoverCommand = command({
  summary: "make a replica the primary while all servers are healthy",
  options: { server: { value: "SERVER", default: "the one that lags least", help: "the replica to promote" } },
  run: ({ stack, server: target }) =>
    withServers(stack, async (servers) => {
      requireKnown(servers, target);
      const { from, to, pauseMs } = await underLease(servers, () => switchover(servers.topology, target));
      console.log(`${to} is the primary now instead of ${from}; nobody could write for ${Math.round(pauseMs)} ms.`);
    }),
});
