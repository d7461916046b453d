/** Writes configuration.md and stack-file.schema.json from the schema, and the same of the tenants': `npx sucrase-node docs/configuration.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationTable } from "../config/docs";
import { stackFileSchema } from "../config/json-schema";
import { schema } from "../schema";
import * as tenants from "./tenants-configuration";

export const PAGE = join(__dirname, "configuration.md");
export const JSON_SCHEMA = join(__dirname, "stack-file.schema.json");

/** The text of the JSON schema, for editors. */
export function jsonSchema(): string {
  return `${JSON.stringify(stackFileSchema("nacos-platform", schema), null, 1)}\n`;
}

/** The page's text. A unit test compares it with the file. */
export function configurationPage(): string {
  return [
    "# Configuration",
    "",
    "Each stack has its `Pulumi.<stack>.yaml`. All keys are below `nacos-platform:`; a dot below means one level deeper:",
    "",
    "```yaml",
    "config:",
    "  nacos-platform:environment: dev",
    "  nacos-platform:kubeContext: my-cluster",
    "  nacos-platform:mysql:",
    "    storageClass: standard-retain",
    "  nacos-platform:nacos:",
    "    storageClass: standard-retain",
    "    replicas: 3",
    "```",
    "",
    "`pulumi config set --path nacos-platform:nacos.replicas 3` writes the same. A key that is not set has the default of",
    "its environment; the stack files hold only what has no default or differs from it. Unknown keys and bad values are",
    "all reported at once, before anything is made. A key that had another name before is refused with its new one.",
    "",
    "Editors with a YAML language server complete and check the stack files by [stack-file.schema.json](stack-file.schema.json),",
    "which their first line names.",
    "",
    "Beyond the ranges below:",
    "",
    "- A stack is named after its environment: `dev`, or `dev-` and more.",
    "- A request is at most its limit, and a container's default limit at most `tenancy.containerMax`.",
    "- `mysql.maxConnections` is at least `nacos.replicas` × `nacos.databasePoolSize` + `mysql.connectionReserve`.",
    "- MySQL's memory limit is at least 704Mi and 2Mi for each of `mysql.maxConnections`. What is above becomes buffer pool; a change of the",
    "  limit restarts the servers.",
    "- Nacos' memory limit is divided: a twelfth, at least 160Mi, for classes; a twenty-fourth, at least 96Mi, for compiled methods; 320Mi for threads, RocksDB and the JVM itself; of what is",
    "  above, three quarters are heap and an eighth is direct memory, for gRPC. A warm server uses its heap and some 490Mi: request as much. A",
    "  RocksDB that is written a lot (persistent instances) takes up to 128Mi more for each Raft group.",
    "- `nacos.properties` and `nacos.jvmOptions` take what the stack does not set itself; the message names the key to use instead. A property",
    "  whose value is a secret stands as `${MY_SECRET}`, and Secret `nacos-properties`, which you make in the namespace, has the key `MY_SECRET`. Nacos",
    "  reads the Secret when a server starts. A name with dots is written as",
    "  `pulumi config set --path 'nacos-platform:nacos.properties[\"nacos.config.retention.days\"]' 7`.",
    "- `mysql.failover: automatic` needs three servers and `mysql.semiSync: required`; `required` needs a second server.",
    "- In prod `mysql.backup.offsite` must be set. Its key stands encrypted in the stack file:",
    "  `pulumi config set --secret --path nacos-platform:mysql.backup.offsite.accessKeyId`.",
    "- Everything that is deployed fits `tenancy.quota` and `tenancy.containerMax`, with the Jobs of accounts, schema and backups running beside. If",
    "  not, the preview stops and shows the sum.",
    "",
    ...configurationTable(schema),
    "",
    "<!-- Generated: npx sucrase-node docs/configuration.ts -->",
    "",
  ].join("\n");
}

if (require.main === module) {
  writeFileSync(PAGE, configurationPage());
  writeFileSync(JSON_SCHEMA, jsonSchema());
  writeFileSync(tenants.PAGE, tenants.configurationPage());
  writeFileSync(tenants.JSON_SCHEMA, tenants.jsonSchema());
}
