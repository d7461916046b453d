import { ConfigError } from "../config/error";
import { build } from "./commands/build";
import { down } from "./commands/down";
import { logs } from "./commands/logs";
import { refreshConfig, shell } from "./commands/shell";
import { status } from "./commands/status";
import { up } from "./commands/up";
import { upOnContext } from "./commands/up-on-context";
import { UserError } from "./errors";
import { ensurePrerequisites } from "./host/prerequisites";
import { Options, parseOptions } from "./options";

const commands: Record<string, (options: Options) => Promise<void>> = {
  up: (options) => (options.context === undefined ? up(options) : upOnContext(options, options.context)),
  build: async () => {
    await ensurePrerequisites({ newCluster: true });
    await build();
  },
  down,
  status,
  shell,
  logs,
  "refresh-config": refreshConfig,
};

async function main(): Promise<void> {
  const { command, options } = parseOptions(process.argv.slice(2));
  if (commands[command] === undefined) throw new UserError(`"${command}" is no command; there are ${Object.keys(commands).join(", ")}.`);
  await commands[command](options);
}

main().catch((error: unknown) => {
  console.error(error instanceof UserError || error instanceof ConfigError ? `\nerror: ${error.message}` : error);
  process.exit(1);
});
