import { entries } from "./catalogue";
import { schemaOf } from "./lib/policy";
import type { Exemptions } from "./lib/run";
import type { JsonSchema } from "./lib/schema";

const LEVELS = ["advisory", "mandatory", "disabled"];

/** What a file for `--policy-pack-config` has, as far as exemptions are concerned. */
export type ExemptionsFile = Readonly<Record<string, { readonly exempt: Exemptions[string] }>>;

/** @throws Error that names everything that is wrong, so that no pack starts with half of its exemptions */
export function exemptionsIn(config: ExemptionsFile): Exemptions {
  const found = problemsOf(config);
  const problems = found.length > 0 ? found : Object.entries<object | null>(config).flatMap(othersThanExempt);
  if (problems.length > 0) throw new Error(`the exemptions are not valid:\n${problems.join("\n")}`);
  return Object.fromEntries(Object.entries(config).map(([rule, { exempt }]) => [rule, exempt]));
}

/** Settings that the file may have for Pulumi, and that would be dropped here. */
function othersThanExempt([name, settings]: [string, object | null]): string[] {
  if (Object.keys(settings ?? {}).join() === "exempt") return [];
  return [`${name}: exemptions are { "exempt": […] } only; other settings belong in a file for --policy-pack-config.`];
}

/** What is wrong with the content of a file for `--policy-pack-config`. */
export function problemsOf(config: unknown): string[] {
  if (typeof config !== "object" || config === null || Array.isArray(config)) return ["it is no object of rules."];
  return Object.entries(config).flatMap(([name, settings]: [string, unknown]) => {
    if (name === "all") return LEVELS.includes(settings as string) ? [] : [`all: it is none of ${LEVELS.join(", ")}.`];
    const rule = entries.map((entry) => entry.rule).find((one) => one.name === name);
    if (rule === undefined) return [`${name}: there is no such rule.${alike(name)}`];
    if (typeof settings === "string")
      return LEVELS.includes(settings) ? [] : [`${name}: it is none of ${LEVELS.join(", ")}.`];
    const properties = { enforcementLevel: { type: "string", enum: LEVELS }, ...schemaOf(rule).properties } as const;
    return violations(settings, { type: "object", properties, additionalProperties: false }, name);
  });
}

function alike(name: string): string {
  const words = name.split("-");
  const common = (other: string) => other.split("-").filter((word) => words.includes(word)).length;
  const [best] = entries.map(({ rule }) => rule.name).sort((a, b) => common(b) - common(a));
  return common(best) > 0 ? ` Did you mean ${best}?` : "";
}

/** What is wrong with a value by a JSON schema, as far as the pack's schemas use it. */
function violations(value: unknown, schema: JsonSchema, at: string): string[] {
  const { type, enum: choices, pattern, minLength, minimum, items, properties, required = [] } = schema;
  const kind = Array.isArray(value)
    ? "array"
    : Number.isInteger(value) && type === "integer"
      ? "integer"
      : typeof value;
  if (type !== undefined && kind !== type) return [`${at}: it is of type ${kind} instead of ${String(type)}.`];
  if (choices !== undefined && !choices.includes(value as string))
    return [`${at}: it is none of ${JSON.stringify(choices)}.`];
  if (typeof value === "string" && pattern !== undefined && !new RegExp(pattern).test(value))
    return [`${at}: "${value}" does not match ${pattern}.`];
  if (typeof value === "string" && value.length < (minLength ?? 0))
    return [`${at}: it is shorter than ${minLength} characters.`];
  if (typeof value === "number" && value < (minimum ?? value)) return [`${at}: it is less than ${minimum}.`];
  if (Array.isArray(value) && typeof items === "object" && !Array.isArray(items))
    return value.flatMap((item, index) => violations(item, items, `${at}[${index}]`));
  if (properties === undefined || typeof value !== "object" || value === null) return [];
  const missing = required.filter((key) => !(key in value)).map((key) => `${at}: ${key} is missing.`);
  const wrong = Object.entries(value).flatMap(([key, child]) => {
    const of = properties[key] as JsonSchema | undefined;
    return of === undefined
      ? [`${at}: it has no key ${key}; it has ${Object.keys(properties).join(", ")}.`]
      : violations(child, of, `${at}.${key}`);
  });
  return [...missing, ...wrong];
}
