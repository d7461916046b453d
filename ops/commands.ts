import { table, UsageError, type Command } from "./command";
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

const USAGE = "npm run ops -- AREA COMMAND --stack STACK";

/** The commands of some areas, one line each. */
export function listOf(names: readonly string[]): string {
  const rows = names.flatMap((area) =>
    Object.entries(areas[area]).map(([name, { summary }]) => [`${area} ${name}`, summary]),
  );
  return `${USAGE}\n\n${table(rows)}\n\nnpm run ops -- AREA COMMAND --help shows the options of a command; each command has a runbook in docs/runbooks/.`;
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
