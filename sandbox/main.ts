import { describe } from "../ops/report";
import { UserError } from "./errors";
import { ensurePrerequisites } from "./host/prerequisites";
import { Options, parseOptions } from "./options";

/** Each command is loaded only when it runs: the libraries of some take longer to load than others take to run. */
const commands: Record<string, (options: Options) => Promise<void>> = {
  up: async (options) =>
    options.context === undefined
      ? (await import("./commands/up")).up(options)
      : (await import("./commands/up-on-context")).upOnContext(options, options.context),
  preview: async (options) => (await import("./commands/preview")).preview(options),
  render: async (options) => (await import("./commands/render")).render(options),
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
  if (!Object.hasOwn(commands, command))
    throw new UserError(`"${command}" is not a command; the commands are ${Object.keys(commands).join(", ")}.`);
  await commands[command](options);
}

const fail = (error: unknown) => {
  console.error(`\nerror: ${describe(error)}`);
  process.exit(1);
};
process.on("uncaughtException", fail);
process.stdout.on("error", () => process.exit(1)); // its reader has gone
main().catch(fail);
