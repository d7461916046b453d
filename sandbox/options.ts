import { parseArgs } from "node:util";
import { UserError } from "./errors";

/** What the Makefile passes on; an empty value counts as not given. */
export interface Options {
  stack: string;
  /** Name of the cluster; by default the stack's. */
  name: string;
  /** Number of nodes; by default what the stack's topology needs. */
  nodes: number | undefined;
  portOffset: number | undefined;
  /** Kubeconfig context to deploy to, instead of an embedded cluster. */
  context: string | undefined;
  /** Name of the cluster whose files may be deleted. */
  delete: string | undefined;
  /** The words after the command; only the `pulumi` of `make shell` passes any. */
  words: string[];
}

export function parseOptions(args: string[]): { command: string; options: Options } {
  const { values, positionals } = read(args);
  const given = (value: string | undefined) => (value === "" ? undefined : value);
  const command = positionals[0] ?? "";
  const context = given(values.context);
  if (context !== undefined) {
    if (command !== "up")
      throw new UserError(
        `CONTEXT=${context} works with \`make up\` only; on that cluster, use pulumi and kubectl directly.`,
      );
    const stray = ["name", "nodes", "port-offset", "delete"].filter(
      (word) => given(values[word as keyof typeof values]) !== undefined,
    );
    if (stray.length > 0)
      throw new UserError(
        `with CONTEXT=${context} nothing is started, so leave out ${stray.map((word) => word.toUpperCase().replace("-", "_")).join(", ")}.`,
      );
  }
  const stack = given(values.stack) ?? "dev";
  const name = given(values.name) ?? stack;
  if (!/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
    throw new UserError(
      `${given(values.name) === undefined ? "STACK" : "NAME"}=${name} cannot name a cluster: 1 to 20 lower-case letters, digits and dashes, starting with a letter. Choose another NAME.`,
    );
  }
  return {
    command,
    options: {
      stack,
      name,
      nodes: number("NODES", given(values.nodes), 1, 3),
      portOffset: number("PORT_OFFSET", given(values["port-offset"]), 0, 40_000),
      context,
      delete: given(values.delete),
      words: positionals.slice(1),
    },
  };
}

function read(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { stack: text, name: text, nodes: text, "port-offset": text, context: text, delete: text },
    });
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}

function number(variable: string, value: string | undefined, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const parsed = /^\d+$/.test(value) ? Number(value) : NaN;
  if (Number.isNaN(parsed) || parsed < least || parsed > most) {
    throw new UserError(`${variable}=${value} is out of range: a whole number from ${least} to ${most}.`);
  }
  return parsed;
}
