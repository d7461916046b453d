import { pause } from "../../../clients/pause";
import { command } from "../../command";
import { Failure, Refusal } from "../../../contract/refusal";
import type { Server } from "../../../runtime/mysql-controller/server";
import { serverNamed } from "../../../runtime/mysql-controller/topology";
import { requireKnown, withServers } from "./servers";

/** How long the controller may take to begin. */
const BEGIN_MS = 30_000;
/** How long a server may run on its old data while nothing clones it: then the clone has failed. */
const IDLE_MS = 30_000;
/** How long a server may take to start on a clone, as its startup probe allows, and to follow. */
const START_MS = 30 * 60_000;
const LOOK_MS = 1000;

/**
 * Waits until a server follows on other data than before. A clone takes as long as the data is large; what has an end is
 * the time in which nothing clones.
 *
 * @param before its identity, which comes with the data
 * @throws Failure where it does not come to that
 */
export async function untilCloned(server: Pick<Server, "name" | "stateIfUp" | "query">, before: string): Promise<void> {
  let cloning = Date.now();
  for (;;) {
    const state = await server.stateIfUp();
    if (state !== undefined && state.uuid !== before && state.replica?.connected === true) return;
    if (state?.uuid === before && (await isCloned(server))) cloning = Date.now();
    const idle = Date.now() - cloning;
    if (state?.uuid === before && idle > IDLE_MS) {
      throw new Failure(`${server.name} was not cloned: it runs on its old data, and for ${IDLE_MS / 1000} s nothing has cloned it. Why is in the controller's log: kubectl logs deployment/mysql-controller. Mend it, then run the same command again.`);
    }
    if (idle > START_MS) {
      throw new Failure(`${server.name} ${state === undefined ? "does not answer" : "follows nobody"} since ${START_MS / 60_000} min, when its clone ended. \`ops mysql status\` and kubectl describe pod ${server.name} say more; the controller goes on with it.`);
    }
    await pause(LOOK_MS);
  }
}

/** Whether a clone is under way. Either table may be late by a moment. */
async function isCloned(server: Pick<Server, "query">): Promise<boolean> {
  const rows = await server.query(
    "SELECT (SELECT COUNT(*) FROM performance_schema.clone_status WHERE STATE = 'In Progress') + (SELECT COUNT(*) FROM performance_schema.processlist WHERE INFO LIKE 'CLONE INSTANCE%') AS clones",
  ).catch(() => []);
  return rows.some(({ clones }) => clones > 0);
}

export const rejoinCommand = command({
  summary: "clone a server again that has data of its own; its binary and relay logs are kept on its volume",
  options: { server: { value: "SERVER", required: true, help: "the server to clone" } },
  run: ({ stack, server: name }) => withServers(stack, async (servers) => {
    requireKnown(servers, name);
    const { topology, lease } = servers;
    const { primary } = await topology.declaration.read();
    if (name === primary) throw new Refusal(`${name} is the primary: the others follow it. Move the writes with switchover first.`);
    const server = serverNamed(topology, name);
    const before = await server.stateIfUp();
    if (before === undefined) throw new Refusal(`${name} does not answer; it is cloned when it does.`);
    const notes = await lease.look();
    if (notes.paused !== undefined) throw new Refusal(`the controller, which clones, is paused (${notes.paused}); resume it first.`);
    await lease.note({ rejoin: name });
    const asked = Date.now();
    while ((await lease.look()).rejoin === name) {
      if (Date.now() - asked > BEGIN_MS) {
        await lease.note({ rejoin: "" });
        throw new Refusal("the controller has not begun within 30 s; see its log: kubectl logs deployment/mysql-controller");
      }
      await pause(LOOK_MS);
    }
    console.log(`${name} is being cloned. This may be interrupted: the controller goes on.`);
    await untilCloned(server, before.uuid);
    console.log(`${name} follows ${primary} on a fresh copy of the data.`);
  }),
});
