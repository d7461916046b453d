import { command } from "../../command";
import { withServers } from "./servers";

export const pauseCommand = command({
  summary: "let the controller stand still: it repairs nothing and fails nothing over until resume",
  options: { reason: { value: "TEXT", help: "what `mysql status` says of it" } },
  run: ({ stack, reason }) => withServers(stack, async ({ lease }) => {
    await lease.note({ paused: `${new Date().toISOString()} by ${lease.holder}${reason === undefined ? "" : `: ${reason}`}` });
    console.log("The controller stands still. A server that restarts now stays read-only. Go on with: resume");
  }),
});

export const resumeCommand = command({
  runbook: "mysql-pause",
  summary: "let the controller go on",
  run: ({ stack }) => withServers(stack, async ({ lease }) => {
    await lease.note({ paused: "" });
    console.log("The controller goes on.");
  }),
});
