import { parseArgs } from "node:util";
import { ConfigError } from "../config/error";
import { areas } from "./commands";
import { Failure, Refusal } from "./refusal";

/** A command of `npm run ops -- AREA COMMAND`. */
export interface Command {
  /** What follows the command's name: "[SERVER]". */
  readonly usage: string;
  readonly summary: string;
  run(request: Request): Promise<void>;
}

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const OPTIONS = { stack: text, to: text, "in-place": flag, confirm: text, reason: text, help: flag } as const;

/** What was asked for. */
export interface Request {
  readonly stack: string;
  /** Words after the command. */
  readonly words: readonly string[];
  /** Further options, by name. */
  readonly options: { readonly [K in Exclude<keyof typeof OPTIONS, "stack" | "help">]?: (typeof OPTIONS)[K]["type"] extends "string" ? string : boolean };
}

function usage(): string {
  const lines = Object.entries(areas).flatMap(([area, commands]) =>
    Object.entries(commands).map(([name, command]) => [`${area} ${name} ${command.usage}`.trimEnd(), command.summary] as const));
  const width = Math.max(...lines.map(([words]) => words.length));
  return `npm run ops -- AREA COMMAND --stack STACK\n\n${lines.map(([words, summary]) => `  ${words.padEnd(width)}  ${summary}`).join("\n")}\n\nEach has a runbook in docs/runbooks/.`;
}

async function main(): Promise<void> {
  const { values: { stack, help, ...options }, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const [area, name, ...words] = positionals;
  if (help === true || area === undefined) {
    console.log(usage());
    return;
  }
  const command = areas[area]?.[name ?? ""];
  if (command === undefined) throw new Refusal(`"${[area, name].join(" ").trim()}" is no command.\n\n${usage()}`);
  if (stack === undefined) throw new Refusal("say which stack: --stack NAME. There is no default, because a command must never meet another environment than the one it was meant for.");
  await command.run({ stack, words, options });
}

main().then(() => process.exit(), (error: unknown) => {
  const isExpected = error instanceof Refusal || error instanceof ConfigError;
  console.error(isExpected ? `${error instanceof Failure ? "failed" : "refused"}: ${error.message}` : error);
  process.exit(1);
});
