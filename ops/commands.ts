import type { Command } from "./main";
import { mysqlCommands } from "./mysql/commands";
import { rotateCommand } from "./secrets/rotate";

/** Every command of `npm run ops -- AREA COMMAND`. */
export const areas: Readonly<Record<string, Readonly<Record<string, Command>>>> = { mysql: mysqlCommands, secrets: { rotate: rotateCommand } };
