import { command } from "../../command";
import { failover } from "../../../runtime/mysql-controller/failover";
import { requireKnown, underLease, withServers } from "./servers";

export const failoverCommand = command({
  summary: "promote a replica in place of a dead primary",
  options: { server: { value: "SERVER", default: "the one that has every transaction", help: "the replica to promote, even if it lacks transactions of others" } },
  run: ({ stack, server: winner }) => withServers(stack, async (servers) => {
    const { topology, lease, settings } = servers;
    requireKnown(servers, winner);
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
});
