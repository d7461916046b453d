import { pause } from "../../../clients/pause";
import { command } from "../../command";
import { Failure, Refusal } from "../../../contract/refusal";
import type { Server } from "../../../runtime/mysql-controller/server";
import { serverNamed } from "../../../runtime/mysql-controller/topology";
import { requireKnown, withServers } from "./servers";

/** How long the controller may take to begin. */
const BEGIN_MS = 30_000;
/** How long a server may run on its old data without a running clone. After that the clone has failed. */
const IDLE_MS = 30_000;
/** How long a server may take to start on a clone, as its startup probe allows, and to replicate. */
const START_MS = 30 * 60_000;
const LOOK_MS = 1000;

/**
 * Waits until a server replicates with other data than before. The time that a clone takes depends on the size of the data,
 * so only the time without a running clone has a limit.
 *
 * @param before its identity, which comes with the data
 * @throws Failure if that does not happen
 */
export async function untilCloned(server: Pick<Server, "name" | "stateIfUp">, before: string): Promise<void> {
  let cloning = Date.now();
  for (;;) {
    const state = await server.stateIfUp();
    if (state !== undefined && state.uuid !== before && state.replica?.connected === true) return;
    if (state?.uuid === before && state.cloning) cloning = Date.now();
    const idle = Date.now() - cloning;
    if (state?.uuid === before && idle > IDLE_MS) {
      throw new Failure(
        "MYSQL_CLONE_FAILED",
        `${server.name} was not cloned: it runs on its old data, and for ${IDLE_MS / 1000} s nothing has cloned it. The controller's log has the reason: kubectl logs deployment/mysql-controller. Fix it, then run the same command again.`,
      );
    }
    if (idle > START_MS) {
      throw new Failure(
        "MYSQL_CLONE_NOT_REPLICATING",
        `${server.name} ${state === undefined ? "does not answer" : "does not replicate"}, ${START_MS / 60_000} min after its clone ended. \`ops mysql status\` and kubectl describe pod ${server.name} show more; the controller keeps trying.`,
      );
    }
    await pause(LOOK_MS);
  }
}

export const rejoinCommand = command({
  summary: "clone a server with errant transactions again; its binary and relay logs are kept on its volume",
  options: { server: { value: "SERVER", required: true, help: "the server to clone" } },
  run: ({ stack, server: name }) =>
    withServers(stack, async (servers) => {
      requireKnown(servers, name);
      const { topology, lease } = servers;
      const { primary } = await topology.declaration.read();
      if (name === primary)
        throw new Refusal(
          "MYSQL_REJOIN_OF_PRIMARY",
          `${name} is the primary: the others replicate from it. Run switchover first.`,
        );
      const server = serverNamed(topology, name);
      const before = await server.stateIfUp();
      if (before === undefined)
        throw new Refusal("MYSQL_REJOIN_UNREACHABLE", `${name} does not answer; it can be cloned when it does.`);
      const notes = await lease.look();
      if (notes.paused !== undefined)
        throw new Refusal(
          "MYSQL_CONTROLLER_PAUSED",
          `the controller, which does the cloning, is paused (${notes.paused}); resume it first.`,
        );
      await lease.note({ rejoin: name });
      const asked = Date.now();
      while ((await lease.look()).rejoin === name) {
        if (Date.now() - asked > BEGIN_MS) {
          await lease.note({ rejoin: "" });
          throw new Refusal(
            "MYSQL_REJOIN_NOT_STARTED",
            "the controller has not begun within 30 s; see its log: kubectl logs deployment/mysql-controller",
          );
        }
        await pause(LOOK_MS);
      }
      console.log(`${name} is being cloned. You may interrupt this command: the controller continues.`);
      await untilCloned(server, before.uuid);
      console.log(`${name} replicates from ${primary} on a new copy of the data.`);
    }),
});
