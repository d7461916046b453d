import { pause } from "../../../clients/pause";
import { clusterOf } from "../../cluster";
import { command } from "../../command";
import { withNacos } from "../members";
import { plan, removeGhost } from "../repair";

export const repairCommand = command({
  summary: "remove a peer of the Raft groups that is no member and has no pod",
  options: {
    peer: {
      value: "PEER",
      default: "none: it names the peers that can be removed, and changes nothing",
      help: "the peer to remove",
    },
  },
  run: ({ stack, peer }) =>
    withNacos(clusterOf(stack), async (members) => {
      if (peer === undefined) {
        for (const line of plan(await members.look())) console.log(line);
        return;
      }
      await removeGhost(peer, {
        look: () => members.look(),
        removePeer: (at, group, host) => members.removePeer(at, group, host),
        pause,
        say: (line) => console.log(line),
      });
    }),
});
