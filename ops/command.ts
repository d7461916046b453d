import { parseArgs } from "node:util";
import type { ErrorCode } from "../contract/error-codes";
import { Refusal } from "../contract/refusal";

/** An option of a command, `--name`. */
export interface Option {
  /** The placeholder of its value, in capitals: "SERVER". Without it the option is a switch, which takes no value. */
  readonly value?: string;
  readonly required?: true;
  /** What applies without it, in the words of the help. */
  readonly default?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** A command of `npm run ops -- AREA COMMAND`, made by {@link command}. */
export interface Command {
  /** What it does, as one line in the list of commands. */
  readonly summary: string;
  /** All options that it knows; any other is an error. */
  readonly options: Options;
  /** The command line that it takes after `--`; without this, it takes none. */
  readonly rest?: Pick<Option, "help"> & { readonly value: string };
  /** Its page in docs/runbooks/, if the page is not named after the command. */
  readonly runbook?: string;
  run(values: object, rest: readonly string[]): Promise<void>;
}

/** Every command has this one. There is no default: a command must never run in another environment than the intended one. */
const STACK = {
  stack: { value: "STACK", required: true, help: "the stack, which Pulumi.STACK.yaml configures" },
} as const;

type Value<O extends Option> = O extends { readonly value: string }
  ? O extends { readonly required: true }
    ? string
    : string | undefined
  : boolean;

/** The values that a command receives, by the options' names. */
export type Values<O extends Options> = { readonly [Name in keyof O]: Value<O[Name]> };

type Declaration<O extends Options> = Omit<Command, "options" | "run"> & {
  readonly options?: O;
  run(values: Values<O & typeof STACK>, rest: readonly string[]): Promise<void>;
};

/** A command that declares its options besides `--stack`. They are checked before it runs, and so are the types of their values. */
export function command<const O extends Options = Record<never, never>>({
  options,
  ...others
}: Declaration<O>): Command {
  return { ...others, options: { ...STACK, ...options } };
}

/** An invalid command line: ends with status 2 and the usage text. */
export class UsageError extends Refusal {
  constructor(
    code: ErrorCode,
    message: string,
    readonly usage: string,
  ) {
    super(code, message);
  }
}

const HELP: Option = { help: "this text" };

/** Whether a word asks for help. */
export function isHelp(word: string | undefined): boolean {
  return word === "--help" || word === "-h";
}

/**
 * The words after a command's name, read by what it declares; undefined if they ask for help.
 *
 * @param name the command with its area: "mysql switchover"
 * @throws UsageError for the first word that does not fit
 */
export function readWords(
  name: string,
  { options, rest, ...others }: Command,
  words: readonly string[],
): { values: Record<string, string | boolean | undefined>; rest: readonly string[] } | undefined {
  const types = Object.entries(options).map(
    ([key, { value }]) => [key, { type: value === undefined ? "boolean" : "string" }] as const,
  );
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(types),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const end = tokens.find(({ kind }) => kind === "option-terminator")?.index ?? words.length;
  if (words.slice(0, end).some(isHelp)) return undefined;
  const refuse = (problem: string): never => {
    throw new UsageError("USAGE_COMMAND_INVALID", `${name}: ${problem}.`, usageOf(name, { options, rest, ...others }));
  };
  const values: Record<string, string | boolean | undefined> = Object.fromEntries(
    types.map(([key, { type }]) => [key, type === "boolean" ? false : undefined]),
  );
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.index >= end) break;
    if (token.kind === "positional") refuse(`"${token.value}" is one word too many`);
    if (token.kind !== "option") continue;
    const { name: key, rawName, value, inlineValue } = token;
    if (!Object.hasOwn(options, key) || !rawName.startsWith("--")) refuse(`there is no option ${rawName}`);
    if (given.has(key)) refuse(`${rawName} is given twice`);
    given.add(key);
    const wanted = options[key].value;
    if (wanted === undefined && value !== undefined) refuse(`${rawName} takes no value`);
    // A word that looks like the next option is not a value, unless "=" joins it to this option.
    if (
      wanted !== undefined &&
      (value === undefined || value === "" || (inlineValue === false && value.startsWith("-")))
    )
      refuse(`${rawName} needs a value, ${rawName} ${wanted}`);
    values[key] = value ?? true;
  }
  const missing = Object.entries(options).find(([key, { required }]) => required === true && !given.has(key));
  if (missing !== undefined) refuse(`--${missing[0]} ${missing[1].value ?? ""} is missing`.replace("  ", " "));
  if (rest === undefined && end < words.length) refuse("it takes no command line after --");
  return { values, rest: words.slice(end + 1) };
}

/** How a command is called, in one line. */
export function usageOf(name: string, { options, rest }: Command): string {
  const flags = Object.entries(options).map(([key, { value, required }]) => {
    const flag = value === undefined ? `--${key}` : `--${key} ${value}`;
    return required === true ? flag : `[${flag}]`;
  });
  return ["npm run ops --", name, ...flags, ...(rest === undefined ? [] : [`[-- ${rest.value}]`])].join(" ");
}

/** The complete help of a command. */
export function helpOf(name: string, command: Command): string {
  const { summary, options, rest } = command;
  const rows = [
    ...Object.entries({ ...options, help: HELP }).map(([key, option]: [string, Option]) => [
      option.value === undefined ? `--${key}` : `--${key} ${option.value}`,
      `${option.help}${option.required === true ? " (required)" : ""}${option.default === undefined ? "" : ` (default: ${option.default})`}`,
    ]),
    ...(rest === undefined ? [] : [[`-- ${rest.value}`, rest.help]]),
  ];
  return `${usageOf(name, command)}\n\n${summary.charAt(0).toUpperCase()}${summary.slice(1)}.\n\n${table(rows)}`;
}

/** Two columns, the first as wide as it has to be. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join("\n");
}
