import type { Command } from "../../command";
import { consoleCommand } from "./console";
import { repairCommand } from "./repair";
import { restoreCommand } from "./restore";
import { statusCommand } from "./status";

/** The commands of `npm run ops -- nacos`, each with its runbook. */
export const nacosCommands: Readonly<Record<string, Command>> = {
  status: statusCommand,
  repair: repairCommand,
  console: consoleCommand,
  restore: restoreCommand,
};
