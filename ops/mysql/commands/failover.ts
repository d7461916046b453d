import type { Command } from "../../main";
import { failover } from "../failover";
import { serverWord, underLease, withServers } from "./servers";

export const failoverCommand: Command = {
  usage: "[SERVER]",
  summary: "put a replica in the place of a dead primary",
  run: (request) => withServers(request, async (servers) => {
    const { topology, lease, settings } = servers;
    const winner = serverWord(request, servers);
    const next = await underLease(servers, async () => {
      const { primary } = await topology.declaration.read();
      const promoted = await failover(topology, { winner });
      await lease.note({ "last-failover": `${new Date().toISOString()} ${primary} to ${promoted}: by ${lease.holder}` });
      return promoted;
    });
    console.log(`${next} takes the writes.`);
    if (settings.semiSync === "preferred") console.log("This stack's commits do not wait for replicas for ever (mysql.semiSync is preferred): what the old primary committed while no replica was connected is not here.");
    console.log("When the old primary is back, `status` says whether it follows, or has transactions of its own and waits for `rejoin`.");
  }),
};
