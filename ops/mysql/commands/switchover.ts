import { withLease } from "../../kubernetes/lease";
import type { Command } from "../../main";
import { switchover } from "../switchover";
import { serverWord, withServers } from "./servers";

/** How long the controller may take to hand over the lease: it finishes what it is at. */
export const LEASE_SECONDS = 30;

export const switchoverCommand: Command = {
  usage: "[SERVER]",
  summary: "move the writes to a replica while all are well",
  run: (request) => withServers(request, async (servers) => {
    const target = serverWord(request, servers);
    const { from, to, pauseMs } = await withLease(servers.lease, LEASE_SECONDS, () => switchover(servers.topology, target));
    console.log(`${to} takes the writes in place of ${from}; nobody could write for ${Math.round(pauseMs)} ms.`);
  }),
};
