import type { Command } from "../../command";
import { backupCommand } from "./backup";
import { failoverCommand } from "./failover";
import { pauseCommand, resumeCommand } from "./pause";
import { rejoinCommand } from "./rejoin";
import { restoreCommand } from "./restore";
import { statusCommand } from "./status";
import { switchoverCommand } from "./switchover";
import { tunnelCommand } from "./tunnel";
import { verifyCommand } from "./verify";

/** The commands of `npm run ops -- mysql`, each with its runbook. */
export const mysqlCommands: Readonly<Record<string, Command>> = {
  status: statusCommand,
  switchover: switchoverCommand,
  failover: failoverCommand,
  rejoin: rejoinCommand,
  pause: pauseCommand,
  resume: resumeCommand,
  backup: backupCommand,
  verify: verifyCommand,
  restore: restoreCommand,
  tunnel: tunnelCommand,
};
