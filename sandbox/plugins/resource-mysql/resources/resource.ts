import { Connect } from "../connection";
import { Change, Properties, Values } from "../properties";

/** What the provider does for a type of resource. Each call that reaches the server opens a separate connection. */
export interface Resource {
  readonly properties: Properties;
  /** Whether `pulumi import` and `get` find it by its id. */
  readonly importable: boolean;
  /** Whether it is read back after it was created or changed. */
  readonly readsBack: boolean;
  /** @returns the id. */
  create(inputs: Values, connect: Connect): Promise<string>;
  /** @returns the state as it is now, or undefined if the resource is gone. */
  read(id: string, state: Values, connect: Connect): Promise<Values | undefined>;
  /** Missing if every property replaces. */
  update?(inputs: Values, changes: readonly Change[], connect: Connect): Promise<void>;
  delete(id: string, state: Values, connect: Connect): Promise<void>;
}

/** A property as text; what is not set is empty. */
export function text(values: Values, name: string): string {
  const value = values[name];
  return typeof value === "string" ? value : "";
}

/** A property as a list; what is not set is empty. */
export function list(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value : [];
}

/** A name in backticks. */
export function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A value in quotes, not escaped: the upstream escapes nothing, so a quote in a value ends the string. */
export function quoted(value: string): string {
  return `'${value}'`;
}

/** An account as SQL names it. */
export function account(values: Values): string {
  return `${quoted(text(values, "user"))}@${quoted(text(values, "host"))}`;
}
