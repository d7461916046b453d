import { z } from "zod";
import { ENVIRONMENTS, FIELDS, type Field, type FieldFacts } from "./fields";
import { listOf, mappingOf, overrideOf, unionOf, type Group } from "./groups";

/** Every key of a schema as a Markdown table, with its default per environment. */
export function configurationTable(schema: Group): string[] {
  return [
    `| Key | Meaning | Allowed | ${ENVIRONMENTS.join(" | ")} |`,
    `| --- | --- | --- | ${ENVIRONMENTS.map(() => "---").join(" | ")} |`,
    ...rows("", schema, { only: "", unset: "must be set" }),
  ];
}

interface Context {
  /** The condition under which a key exists; empty if it always does. */
  readonly only: string;
  /** The text for a key without a default. */
  readonly unset: string;
}

function rows(path: string, schema: z.core.$ZodType, context: Context): string[] {
  if (schema instanceof z.ZodOptional) {
    return rows(path, schema.unwrap(), {
      ...context,
      unset: schema.unwrap() instanceof z.ZodObject ? `must be set with \`${path}\`` : "not set",
    });
  }
  const mapping = mappingOf(schema);
  if (mapping !== undefined) {
    const { facts, inner } = mapping;
    const unset = ENVIRONMENTS.map(() => "not set").join(" | ");
    return [
      `| \`${path}\` | ${context.only}${facts.description} | an object whose keys are ${facts.allowed} | ${unset} |`,
      ...rows(`${path}.${facts.placeholder}`, inner, context),
    ];
  }
  const list = listOf(schema);
  if (list !== undefined) {
    const allowed = `a list of ${list.facts.nonempty ? "one or more " : ""}objects with these keys`;
    return [
      row(
        path,
        { ...list.facts, allowed, example: "" },
        { ...context, unset: list.facts.nonempty ? "must be set" : "not set" },
      ),
      ...rows(`${path}[]`, list.inner, { ...context, unset: "must be set" }),
    ];
  }
  const override = overrideOf(schema);
  if (override !== undefined) {
    const allowed = `an object with keys of \`${override.of}\``;
    return [row(path, { ...override, allowed, example: "" }, { ...context, unset: "not set" })];
  }
  const union = unionOf(schema);
  if (union !== undefined) {
    const { key, variants } = union;
    const [[, first]] = variants;
    const isCommon = (name: string): boolean =>
      name === key || [...variants.values()].every(({ shape }) => shape[name] === first.shape[name]);
    const common = Object.entries(first.shape).filter(([name]) => isCommon(name));
    const special = [...variants].flatMap(([variant, { shape }]) =>
      Object.entries(shape)
        .filter(([name]) => !isCommon(name))
        .map((entry) => [variant, entry] as const),
    );
    return [
      ...common.flatMap(([name, inner]) => rows(`${path}.${name}`, inner, context)),
      ...special.flatMap(([variant, [name, inner]]) =>
        rows(`${path}.${name}`, inner, { ...context, only: `With \`${path}.${key}: ${variant}\`. ` }),
      ),
    ];
  }
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape as z.ZodRawShape).flatMap(([name, inner]) =>
      rows(path === "" ? name : `${path}.${name}`, inner, context),
    );
  const facts = FIELDS.get(schema as Field<unknown>);
  return facts === undefined ? [] : [row(path, facts, context)];
}

function row(path: string, facts: FieldFacts, { only, unset }: Context): string {
  const defaults = ENVIRONMENTS.map((environment) => {
    const value = facts.default?.[environment];
    if (value === undefined) return unset;
    if (["{}", "[]"].includes(JSON.stringify(value))) return "not set";
    return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
  });
  return `| \`${path}\` | ${only}${facts.description} | ${facts.allowed} | ${defaults.join(" | ")} |`;
}
