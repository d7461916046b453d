/** Writes configuration.md and stack-file.schema.json from the schema, and the same for tenants: `npx sucrase-node docs/configuration.ts`. */
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
    "all reported at once, before anything is created. A key that had another name before is refused with its new name.",
    "",
    "Editors with a YAML language server complete and check the stack files with [stack-file.schema.json](stack-file.schema.json),",
    "which their first line names.",
    "",
    "In addition to the ranges below:",
    "",
    "- The name of a stack is its environment, with or without a suffix: `dev`, `dev-anna`.",
    "- A request is at most its limit, and a container's default limit at most `tenancy.containerMax`.",
    "- `mysql.maxConnections` is at least `nacos.replicas`, or `nacos.autoscaling.maxReplicas`, × `nacos.databasePoolSize` +",
    "  `mysql.connectionReserve`.",
    "- With `nacos.autoscaling.mode: enabled`, `nacos.replicas` is 3 or 5, and less than `nacos.autoscaling.maxReplicas`:",
    "  [autoscaling](autoscaling.md).",
    "- MySQL's memory limit is at least 704Mi, plus 2Mi for each of `mysql.maxConnections`. More memory enlarges the buffer pool. A change of",
    "  the limit restarts the servers.",
    "- Nacos' memory limit is divided: 1/12, at least 160Mi, for classes; 1/24, at least 96Mi, for compiled methods; 320Mi for threads, RocksDB",
    "  and the JVM itself. Of the rest, 3/4 are heap and 1/8 is direct memory, for gRPC. A warm server uses its heap and about 490Mi: request",
    "  this much. A RocksDB with many writes (persistent instances) takes up to 128Mi more for each Raft group.",
    "- `nacos.properties` and `nacos.jvmOptions` accept only what the stack does not set itself; otherwise the message names the key to use",
    "  instead. If the value of a property is a secret, write `${MY_SECRET}`, and create Secret `nacos-properties` with the key `MY_SECRET` in",
    "  the namespace. A server reads the Secret when it starts. A name with dots is written as",
    "  `pulumi config set --path 'nacos-platform:nacos.properties[\"nacos.config.retention.days\"]' 7`.",
    "- `nacos.exposure` opens nothing unless it is set: [exposure.md](exposure.md). With Nacos 2.2, `clients.mode` must be `none`. An Ingress",
    "  needs `console.controllerNamespace` or `console.controllerCidrs`.",
    "- `mysql.failover: automatic` needs three servers and `mysql.semiSync: required`; `required` needs a second server.",
    "- In prod `mysql.backup.offsite` must be set. Its access key is encrypted in the stack file:",
    "  `pulumi config set --secret --path nacos-platform:mysql.backup.offsite.accessKeyId`.",
    "- Everything that is deployed must fit `tenancy.quota` and `tenancy.containerMax`, with the Jobs of accounts, schema and backups running",
    "  at the same time. If not, the preview stops and shows the sum.",
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
