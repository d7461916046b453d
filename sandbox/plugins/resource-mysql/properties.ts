import { createHash, randomBytes } from "node:crypto";

/** A value of a property: what the resources of this provider have, and no more. */
export type Value = string | boolean | string[];
/** Property bag; what is not set is not in it. */
export type Values = Readonly<Record<string, Value>>;

/** Stands for a string that is not known before an update; the engine's own constant. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What the provider knows about one property of a resource. */
export interface Property {
  readonly required?: true;
  readonly default?: Value;
  /** A change cannot be made in place. */
  readonly replaces?: true;
  /** Order and repetitions do not count. */
  readonly isSet?: true;
  /** Properties that may not be given together with it. Its default is left out if one of them is given. */
  readonly conflictsWith?: readonly string[];
  /** Marked secret in what the provider returns. */
  readonly secret?: true;
  /** A missing value is generated from the resource's logical name. */
  readonly autonamed?: true;
  /** What the state holds instead of the value. */
  readonly stored?: (value: string) => string;
}

export type Properties = Readonly<Record<string, Property>>;

/** Input that lists the properties which the program did not give, as the bridge that the provider is built on keeps it. */
const DEFAULTED = "__defaults";

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** The sources of a name that the program does not give. */
export interface Naming {
  readonly logicalName: string;
  /** The engine's seed, so that preview and update may choose the same name. Empty: none. */
  readonly seed: Uint8Array;
  /** The name by the project's own naming pattern, if it has one. */
  readonly proposed?: string;
  /** The project requires every name to be given. */
  readonly disabled?: boolean;
}

/** The program's inputs with names and defaults filled in, and what is wrong with them. Reaches no server. */
export function check(
  properties: Properties,
  previous: Values,
  given: Values,
  naming: Naming,
): { inputs: Values; failures: Failure[] } {
  const inputs: Record<string, Value> = { ...given };
  const failures: Failure[] = [];
  const defaulted: string[] = [];
  const keepName = (name: string) => ([previous[DEFAULTED]].flat().includes(name) ? previous[name] : undefined);
  for (const [name, property] of Object.entries(properties)) {
    const conflicts = (property.conflictsWith ?? []).filter((other) => other in given);
    if (name in given) {
      failures.push(...conflicts.map((other) => ({ property: name, reason: `"${name}": conflicts with ${other}` })));
    } else if (property.autonamed !== undefined && naming.disabled !== true) {
      inputs[name] = keepName(name) ?? naming.proposed ?? `${naming.logicalName}-${suffix(naming.seed)}`;
      defaulted.push(name);
    } else if (property.required !== undefined || property.autonamed !== undefined) {
      failures.push({ property: name, reason: `Missing required property '${name}'` });
    } else if (property.default !== undefined && conflicts.length === 0) {
      inputs[name] = property.default;
      defaulted.push(name);
    }
  }
  return { inputs: { ...inputs, [DEFAULTED]: defaulted }, failures };
}

function suffix(seed: Uint8Array): string {
  const bytes = seed.length === 0 ? randomBytes(4) : createHash("sha256").update(seed).digest();
  return bytes.toString("hex").slice(0, 7);
}

/** The inputs with the defaults that {@link check} leaves out because of what conflicts with them. */
export function completed(properties: Properties, inputs: Values): Values {
  const values = Object.entries(properties).map(
    ([name, property]) => [name, inputs[name] ?? property.default] as const,
  );
  return Object.fromEntries(values.filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** The state that inputs lead to. */
export function stateOf(properties: Properties, inputs: Values): Values {
  const stored = ({ stored, isSet }: Property, value: Value): Value => {
    if (stored !== undefined && typeof value === "string" && value !== UNKNOWN) return stored(value);
    return isSet !== undefined && Array.isArray(value) ? [...new Set(value)] : value;
  };
  return Object.fromEntries(
    Object.entries(completed(properties, inputs)).map(([name, value]) => [name, stored(properties[name], value)]),
  );
}

export interface Change {
  readonly property: string;
  readonly kind: "add" | "update" | "delete";
  readonly replaces: boolean;
}

/** How a state differs from the one that inputs lead to; an unknown input counts as a change. */
export function changes(
  properties: Properties,
  state: Values,
  inputs: Values,
  ignored: readonly string[] = [],
): Change[] {
  const wanted = stateOf(properties, inputs);
  return Object.entries(properties)
    .filter(([name]) => !ignored.includes(name) && comparable(state[name]) !== comparable(wanted[name]))
    .map(([name, property]) => ({
      property: name,
      kind: isEmpty(state[name]) ? "add" : isEmpty(wanted[name]) ? "delete" : "update",
      replaces: property.replaces ?? false,
    }));
}

/** The upstream's library does not distinguish a property that is not set from one that is empty. */
function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === "" || value === false || (Array.isArray(value) && value.length === 0);
}

function comparable(value: Value | undefined): string {
  if (isEmpty(value)) return "";
  return JSON.stringify(Array.isArray(value) ? [...new Set(value)].sort() : value);
}
