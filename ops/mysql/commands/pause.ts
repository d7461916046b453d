import type { Command } from "../../main";
import { withServers } from "./servers";

export const pauseCommand: Command = {
  usage: "[--reason TEXT]",
  summary: "let the controller stand still: it repairs nothing and fails nothing over until resume",
  run: (request) => withServers(request, async ({ lease }) => {
    await lease.note({ paused: `${new Date().toISOString()} by ${lease.holder}${request.options.reason === undefined ? "" : `: ${request.options.reason}`}` });
    console.log("The controller stands still. A server that restarts now stays read-only. Go on with: resume");
  }),
};

export const resumeCommand: Command = {
  usage: "",
  summary: "let the controller go on",
  run: (request) => withServers(request, async ({ lease }) => {
    await lease.note({ paused: "" });
    console.log("The controller goes on.");
  }),
};
