import type { Environment } from "./fields";
import { configError } from "./error";
import { deepFreeze } from "./freeze";
import type { Group, StackShape, ValueOf } from "./groups";
import type { RawConfig } from "./raw";
import { Reader, type Former } from "./reader";
import type { Rule } from "./rules";
import { expanded, type Shorthands } from "./shorthands";

/** A project's configuration: the keys that a stack may set, and the rules between their values. */
export interface Definition<S extends StackShape> {
  readonly project: string;
  readonly schema: Group<S>;
  /** A function if the configuration has mappings, because their rules depend on the names in them. */
  readonly rules:
    | readonly Rule<ValueOf<Group<S>>>[]
    | ((config: ValueOf<Group<S>>) => readonly Rule<ValueOf<Group<S>>>[]);
  /** Keys of previous versions, by path: the new name, with what has changed; or what replaces the key. */
  readonly former?: Former;
  readonly shorthands?: Shorthands;
  /** The page that lists every key. Default: docs/configuration.md. */
  readonly page?: string;
}

/** Readers of a project's stack configurations. Each function @throws ConfigError that names every unknown key and every bad value at once. */
export interface ConfigReader<C> {
  /** The stack's configuration, checked. */
  readonly validate: (raw: RawConfig) => C;
  /** The configuration in a stack file, for code that has only the file. Secret values are {@link ENCRYPTED}. */
  readonly validateFile: (stack: string, config: Readonly<Record<string, unknown>>) => C;
  /**
   * Like `validateFile`, for code that deploys nothing. It ignores unknown and previous keys, and the rules: a rule that has
   * become stricter must not prevent access to a stack that runs already.
   */
  readonly readFile: (stack: string, config: Readonly<Record<string, unknown>>) => C;
}

export function readerOf<S extends StackShape>({
  project,
  schema,
  rules,
  former = {},
  shorthands = {},
  page = "docs/configuration.md",
}: Definition<S>): ConfigReader<ValueOf<Group<S>>> {
  type C = ValueOf<Group<S>>;
  const read = (raw: RawConfig, further: Definition<S>["rules"], unknownKeys: "refused" | "ignored" = "refused"): C => {
    const reader = new Reader(raw, former, page, unknownKeys);
    const values = expanded(reader.parsedValues(schema), shorthands);
    const config = reader.group("", schema, values) as C & { readonly environment: Environment };
    reader.checkStackName(config.environment);
    reader.checkRules(config, typeof further === "function" ? further(config) : further);
    if (reader.problems.length > 0) throw configError(raw.stack, reader.problems);
    return deepFreeze(config);
  };
  const rawOf = (stack: string, config: Readonly<Record<string, unknown>>): RawConfig => {
    const values = Object.entries(config).map(
      ([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const,
    );
    return { project, stack, values: Object.fromEntries(values) };
  };
  return {
    validate: (raw) => read(raw, rules),
    validateFile: (stack, config) => read(rawOf(stack, config), rules),
    readFile: (stack, config) => read(rawOf(stack, config), [], "ignored"),
  };
}
