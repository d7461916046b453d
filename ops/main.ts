import { helpOf, isHelp, readWords } from "./command";
import { areas, commandNamed, listOf } from "./commands";
import { report } from "./report";

async function main([area, name, ...words]: readonly string[]): Promise<void> {
  if (isHelp(area)) return console.log(listOf(Object.keys(areas)));
  if (isHelp(name) && Object.hasOwn(areas, area)) return console.log(listOf([area]));
  const command = commandNamed(area, name);
  const given = readWords(`${area} ${name}`, command, words);
  if (given === undefined)
    return console.log(
      `${helpOf(`${area} ${name}`, command)}\n\nRunbook: docs/runbooks/${command.runbook ?? `${area}-${name}`}.md`,
    );
  await command.run(given.values, given.rest);
}

const fail = (error: unknown) => process.exit(report(error));
process.on("uncaughtException", fail);
process.stdout.on("error", () => process.exit(1)); // the reader of the output has ended
main(process.argv.slice(2)).then(() => process.exit(), fail);
