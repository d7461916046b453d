import { join } from "node:path";
import { configurationTable } from "../config/docs";
import { stackFileSchema } from "../config/json-schema";
import { schema } from "../tenants/schema";

export const PAGE = join(__dirname, "tenants-configuration.md");
export const JSON_SCHEMA = join(__dirname, "tenants-stack-file.schema.json");

/** The text of the JSON schema of the tenants' stack files, for editors. */
export function jsonSchema(): string {
  return `${JSON.stringify(stackFileSchema("nacos-tenants", schema), null, 1)}\n`;
}

/** The page's text. A unit test compares it with the file. */
export function configurationPage(): string {
  return [
    "# Configuration of tenants",
    "",
    "Each stack of project `nacos-tenants` has its `tenants/Pulumi.<stack>.yaml`. All keys are below `nacos-tenants:`; a dot below means one",
    "level deeper, and `<tenant>` is a tenant's name. [tenants.md](tenants.md) says what a tenant gets, with an example.",
    "",
    "A key that is not set has the default of its environment. Unknown keys and bad values are all reported at once, before anything is",
    "created. Editors with a YAML language server complete and check the stack files with",
    "[tenants-stack-file.schema.json](tenants-stack-file.schema.json), which their first line names.",
    "",
    "In addition to the ranges below:",
    "",
    "- The name of a stack is its environment, with or without a suffix: `dev`, `dev-anna`.",
    "- A request is at most its limit, and a container's default limit at most `containerMax`.",
    "- No two tenants have the same database, or the same namespace. None has the platform's namespace, or one that another stack has created.",
    "- With an external MySQL, `endpoint` must be set.",
    "",
    ...configurationTable(schema),
    "",
    "<!-- Generated: npx sucrase-node docs/configuration.ts -->",
    "",
  ].join("\n");
}
