import { z } from "zod";
import { ENVIRONMENTS, FIELDS, type FieldFacts } from "./fields";
import { mappingOf, type Group } from "./groups";

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** An encrypted value in a stack file. */
const ENCRYPTED_VALUE: JsonSchema = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
};

/**
 * A JSON schema of a project's stack files, with which editors complete and check them. It has names, types, ranges and
 * patterns. A preview checks everything that needs a function.
 */
export function stackFileSchema(project: string, schema: Group): JsonSchema {
  const { properties = {} } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => describe(zodSchema, jsonSchema),
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `A stack of ${project}`,
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [`${project}:${key}`, value])),
        propertyNames: { not: { pattern: `^${project}:(?!(${Object.keys(properties).join("|")})$)` } },
      },
    },
  };
}

function describe(zodSchema: z.core.$ZodType, jsonSchema: JsonSchema): void {
  // No key is required, because `pulumi config set` may write it later.
  delete jsonSchema.required;
  // The key of a union has a default. If it is not set, several variants may match.
  if (jsonSchema.oneOf !== undefined) {
    jsonSchema.anyOf = jsonSchema.oneOf;
    delete jsonSchema.oneOf;
  }
  const mapping = mappingOf(zodSchema);
  if (mapping !== undefined) jsonSchema.description = `${mapping.facts.description} Keys: ${mapping.facts.allowed}.`;
  const facts = FIELDS.get(zodSchema as z.ZodType);
  if (facts === undefined) return;
  jsonSchema.description = `${facts.description} Allowed: ${facts.allowed}. ${defaults(facts)}`.trim();
  if (facts.secret !== true) return;
  for (const key of ["type", "pattern"] as const) delete jsonSchema[key];
  Object.assign(jsonSchema, ENCRYPTED_VALUE);
}

function defaults({ default: values }: FieldFacts): string {
  if (values === undefined) return "";
  const shown = ENVIRONMENTS.map((environment) => `${environment} ${JSON.stringify(values[environment])}`);
  return new Set(shown.map((text) => text.replace(/^\w+ /, ""))).size === 1
    ? `Default: ${JSON.stringify(values.dev)}.`
    : `Defaults: ${shown.join(", ")}.`;
}
