import { command } from "../../command";
import { failover } from "../../../runtime/mysql-controller/failover";
import { requireKnown, underLease, withServers } from "./servers";

export const failoverCommand = command({
  summary: "promote a replica after the primary has failed",
  options: {
    server: {
      value: "SERVER",
      default: "the one that has every transaction",
      help: "the replica to promote, even if it lacks transactions that others have",
    },
  },
  run: ({ stack, server: winner }) =>
    withServers(stack, async (servers) => {
      const { topology, lease, settings } = servers;
      requireKnown(servers, winner);
      const next = await underLease(servers, () => failover(topology, { winner, why: `by ${lease.holder}` }));
      console.log(`${next} is the primary now.`);
      if (settings.semiSync === "preferred")
        console.log(
          "This stack's commits do not wait for replicas without limit (mysql.semiSync is preferred): transactions that the old primary committed while no replica was connected are missing.",
        );
      console.log(
        "When the old primary is back, `status` shows if it is a replica, or has errant transactions and waits for `rejoin`.",
      );
    }),
});
