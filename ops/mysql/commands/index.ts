import type { Command } from "../../main";
import { failoverCommand } from "./failover";
import { pauseCommand, resumeCommand } from "./pause";
import { rejoinCommand } from "./rejoin";
import { statusCommand } from "./status";
import { switchoverCommand } from "./switchover";
import { tunnelCommand } from "./tunnel";

/** The commands of `npm run ops -- mysql`, each with its runbook. */
export const mysqlCommands: Readonly<Record<string, Command>> = {
  status: statusCommand,
  switchover: switchoverCommand,
  failover: failoverCommand,
  rejoin: rejoinCommand,
  pause: pauseCommand,
  resume: resumeCommand,
  tunnel: tunnelCommand,
};
