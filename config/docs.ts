import { ENVIRONMENTS, type Field, type Group, type Schema } from "./fields";

/** Every key of a schema as a Markdown table, with its default per environment. */
export function configurationTable(schema: Group<Schema>): string[] {
  return [
    `| Key | Meaning | Allowed | ${ENVIRONMENTS.join(" | ")} |`,
    `| --- | --- | --- | ${ENVIRONMENTS.map(() => "---").join(" | ")} |`,
    ...rows("", schema),
  ];
}

function rows(path: string, { fields }: Group<Schema>): string[] {
  return Object.entries(fields).flatMap(([key, entry]) => {
    const at = path === "" ? key : `${path}.${key}`;
    return entry.kind === "group" ? rows(at, entry) : [row(at, entry)];
  });
}

function row(path: string, field: Field<unknown>): string {
  const defaults = ENVIRONMENTS.map((environment) => {
    const value = field.default?.[environment];
    if (value === undefined) return "must be set";
    if (value === "" || ["{}", "[]"].includes(JSON.stringify(value))) return "not set";
    return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
  });
  return `| \`${path}\` | ${field.description} | ${field.allowed} | ${defaults.join(" | ")} |`;
}
