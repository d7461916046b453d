import { command } from "../../command";
import { switchover } from "../../../runtime/mysql-controller/switchover";
import { requireKnown, underLease, withServers } from "./servers";

export const switchoverCommand = command({
  summary: "move the writes to a replica while all are well",
  options: { server: { value: "SERVER", default: "the one that lags least", help: "the replica to promote" } },
  run: ({ stack, server: target }) => withServers(stack, async (servers) => {
    requireKnown(servers, target);
    const { from, to, pauseMs } = await underLease(servers, () => switchover(servers.topology, target));
    console.log(`${to} takes the writes in place of ${from}; nobody could write for ${Math.round(pauseMs)} ms.`);
  }),
});
