import { helpOf, isHelp, readWords } from "./command";
import { areas, commandIn, listOf } from "./commands";
import { report } from "./report";

async function main(args: readonly string[]): Promise<void> {
  const [area, name] = args;
  if (isHelp(area)) return console.log(listOf());
  if (isHelp(name) && Object.hasOwn(areas, area)) return console.log(listOf(area));
  const { title, command, words } = commandIn(args);
  const given = readWords(title, command, words);
  if (given === undefined)
    return console.log(
      `${helpOf(title, command)}\n\nRunbook: docs/runbooks/${command.runbook ?? title.replace(" ", "-")}.md`,
    );
  await command.run(given.values, given.rest);
}

const fail = (error: unknown) => process.exit(report(error));
process.on("uncaughtException", fail);
process.stdout.on("error", () => process.exit(1)); // the reader of the output has ended
main(process.argv.slice(2)).then(() => process.exit(), fail);
