import { ConfigError } from "../config/error";
import { UserError } from "./errors";
import { CommandError } from "./exec";
import { ensurePrerequisites } from "./host/prerequisites";
import { Options, parseOptions } from "./options";

/** Each is loaded when it is wanted: the libraries of some take longer to load than others to run. */
const commands: Record<string, (options: Options) => Promise<void>> = {
  up: async (options) => (options.context === undefined ? (await import("./commands/up")).up(options) : (await import("./commands/up-on-context")).upOnContext(options, options.context)),
  build: async () => {
    await ensurePrerequisites({ newCluster: true });
    const { images } = await (await import("./commands/build")).build();
    await (await import("./cluster/image-store")).ensureImageStore(images);
  },
  down: async (options) => (await import("./commands/down")).down(options),
  status: async (options) => (await import("./commands/status")).status(options),
  shell: async (options) => (await import("./commands/shell")).shell(options),
  logs: async (options) => (await import("./commands/logs")).logs(options),
  "stack-file": async (options) => (await import("./commands/shell")).printStackFile(options),
};

async function main(): Promise<void> {
  const { command, options } = parseOptions(process.argv.slice(2));
  if (commands[command] === undefined) throw new UserError(`"${command}" is no command; there are ${Object.keys(commands).join(", ")}.`);
  await commands[command](options);
}

main().catch((error: unknown) => {
  const isPlain = [UserError, ConfigError, CommandError].some((kind) => error instanceof kind);
  console.error(isPlain ? `\nerror: ${(error as Error).message}` : error);
  process.exit(1);
});
