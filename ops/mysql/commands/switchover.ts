import type { Command } from "../../main";
import { switchover } from "../switchover";
import { serverWord, underLease, withServers } from "./servers";

export const switchoverCommand: Command = {
  usage: "[SERVER]",
  summary: "move the writes to a replica while all are well",
  run: (request) => withServers(request, async (servers) => {
    const target = serverWord(request, servers);
    const { from, to, pauseMs } = await underLease(servers, () => switchover(servers.topology, target));
    console.log(`${to} takes the writes in place of ${from}; nobody could write for ${Math.round(pauseMs)} ms.`);
  }),
};
