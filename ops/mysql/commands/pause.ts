import { command } from "../../command";
import { withServers } from "./servers";

export const pauseCommand = command({
  summary: "pause the controller: it repairs nothing and does not fail over until resume",
  options: { reason: { value: "TEXT", help: "the reason, which `mysql status` shows" } },
  run: ({ stack, reason }) =>
    withServers(stack, async ({ lease }) => {
      await lease.note({
        paused: `${new Date().toISOString()} by ${lease.holder}${reason === undefined ? "" : `: ${reason}`}`,
      });
      console.log("The controller is paused. A server that restarts now stays read-only. To end the pause: resume");
    }),
});

export const resumeCommand = command({
  runbook: "mysql-pause",
  summary: "resume the paused controller",
  run: ({ stack }) =>
    withServers(stack, async ({ lease }) => {
      await lease.note({ paused: "" });
      console.log("The controller is resumed.");
    }),
});
