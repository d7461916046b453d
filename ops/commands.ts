import { table, UsageError, type Command } from "./command";
import { diagnoseCommand } from "./diagnose/command";
import { mysqlCommands } from "./mysql/commands";
import { nacosCommands } from "./nacos/commands";
import { rotateCommand } from "./secrets/rotate";
import { historyCommand } from "./stack/history";
import { rollbackCommand } from "./stack/rollback";

/** Every command of `npm run ops -- AREA COMMAND`. */
export const areas: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  mysql: mysqlCommands,
  nacos: nacosCommands,
  secrets: { rotate: rotateCommand },
  stack: { history: historyCommand, rollback: rollbackCommand },
};

/** Commands that belong to no area: `npm run ops -- COMMAND`. */
const alone: Readonly<Record<string, Command>> = { diagnose: diagnoseCommand };

/** All commands by the words that call them: "diagnose", "mysql status". */
export const commands: Readonly<Record<string, Command>> = {
  ...alone,
  ...Object.fromEntries(
    Object.entries(areas).flatMap(([area, named]) =>
      Object.entries(named).map(([name, command]) => [`${area} ${name}`, command]),
    ),
  ),
};

const USAGE = "npm run ops -- AREA COMMAND --stack STACK";

/** Commands, one line each: all, or those of an area. */
export function listOf(area?: string): string {
  const rows = Object.entries(commands)
    .filter(([name]) => area === undefined || name.startsWith(`${area} `))
    .map(([name, { summary }]) => [name, summary]);
  return `${USAGE}\n\n${table(rows)}\n\nnpm run ops -- AREA COMMAND --help shows the options of a command; each command has a runbook in docs/runbooks/.`;
}

/** The command that words call, and the words that follow. @throws UsageError if there is none; it names those that exist. */
export function commandIn([area, name, ...words]: readonly string[]): {
  readonly title: string;
  readonly command: Command;
  readonly words: readonly string[];
} {
  if (area !== undefined && Object.hasOwn(alone, area))
    return { title: area, command: alone[area], words: name === undefined ? [] : [name, ...words] };
  return { title: `${area} ${name}`, command: commandNamed(area, name), words };
}

/** @throws UsageError if there is no such command; it names those that exist. */
export function commandNamed(area: string | undefined, name: string | undefined): Command {
  const all = Object.keys(areas).join(", ");
  if (area === undefined)
    throw new UsageError("USAGE_COMMAND_UNKNOWN", `name an area and a command; the areas are ${all}.`, USAGE);
  if (!Object.hasOwn(areas, area))
    throw new UsageError("USAGE_COMMAND_UNKNOWN", `there is no area "${area}"; there are ${all}.`, USAGE);
  const known = Object.keys(areas[area]).join(", ");
  if (name === undefined)
    throw new UsageError("USAGE_COMMAND_UNKNOWN", `name a command of ${area}; it has ${known}.`, USAGE);
  if (!Object.hasOwn(areas[area], name))
    throw new UsageError("USAGE_COMMAND_UNKNOWN", `${area} has no command "${name}"; it has ${known}.`, USAGE);
  return areas[area][name];
}
