import { pause } from "../../pause";
import type { Command } from "../../main";
import { Refusal } from "../../refusal";
import { serverNamed } from "../topology";
import { serverWord, withServers } from "./servers";

/** How long the controller may take to begin. */
const BEGIN_MS = 30_000;
const LOOK_MS = 1000;

export const rejoinCommand: Command = {
  usage: "SERVER",
  summary: "clone a server again that has data of its own; its binary logs are kept on its volume",
  run: (request) => withServers(request, async (servers) => {
    const name = serverWord(request, servers);
    if (name === undefined) throw new Refusal("say which server: rejoin SERVER.");
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
    for (;;) {
      const state = await server.stateIfUp();
      if (state !== undefined && state.uuid !== before.uuid && state.replica?.connected === true) break;
      await pause(LOOK_MS);
    }
    console.log(`${name} follows ${primary} on a fresh copy of the data.`);
  }),
};
