import { connectionsNeeded, leastMemoryMiB } from "./components/mysql/my-cnf";
import { images, mysql, mysqlFormer, mysqlRules } from "./components/mysql/config";
import { nacos, nacosRules } from "./components/nacos/config";
import { access, tenancy, tenancyRules } from "./components/tenancy/config";
import { everywhere, flag, text } from "./config/fields";
import { group, type ValueOf } from "./config/groups";
import type { Rule } from "./config/rules";
import { target } from "./config/target";
import { readerOf } from "./config/validate";
import { DNS_NAME } from "./config/workload-fields";
import { MIB, memoryBytes } from "./contract/quantity";

/** Every key that a stack may set below `nacos-platform:`, with its default per environment. */
export const schema = group({
  ...target,
  clusterDomain: text({
    description: "DNS suffix of the cluster. Nacos' members know each other by names that end in it.",
    allowed: "a DNS name",
    example: "cluster.local",
    pattern: DNS_NAME,
    default: everywhere("cluster.local"),
  }),
  protect: flag({
    description: "Whether Pulumi refuses to delete or replace the namespace, the stateful sets, Nacos' database, the claim and the key of backups, and the passwords that cannot be changed at any time.",
    default: { dev: false, test: false, prod: true },
  }),
  tenancy,
  mysql,
  nacos,
  images,
  access,
});

/** The whole configuration of a stack, checked and frozen. */
export type PlatformConfig = ValueOf<typeof schema>;

/** What has to hold between the values, beside what each section says of its own. */
export const rules: readonly Rule<PlatformConfig>[] = [
  ...tenancyRules,
  ...mysqlRules,
  ...nacosRules,
  {
    path: "mysql.maxConnections",
    uses: ["mysql.mode", "mysql.connectionReserve", "nacos.replicas", "nacos.databasePoolSize"],
    judge: ({ mysql, nacos }) => {
      const needed = connectionsNeeded({ ...nacos, connectionReserve: mysql.connectionReserve });
      if (mysql.mode === "external" || mysql.maxConnections >= needed) return undefined;
      return {
        value: String(mysql.maxConnections),
        allowed: `at least ${needed}: ${nacos.replicas} × pool of ${nacos.databasePoolSize} + ${mysql.connectionReserve} in reserve`,
        use: String(needed),
      };
    },
  },
  {
    path: "mysql.resources.limits.memory",
    uses: ["mysql.mode", "mysql.maxConnections"],
    judge: ({ mysql }) => {
      if (mysql.mode === "external") return undefined;
      const least = leastMemoryMiB(mysql.maxConnections);
      if (memoryBytes(mysql.resources.limits.memory) >= least * MIB) return undefined;
      return {
        value: mysql.resources.limits.memory,
        allowed: `at least ${least}Mi for the ${mysql.maxConnections} connections of mysql.maxConnections`,
        use: `${least}Mi`,
      };
    },
  },
];

/** How a stack's configuration is read, by the program and by everybody who has only its file. */
export const { validate, validateFile, readFile } = readerOf({ project: "nacos-platform", schema, rules, former: mysqlFormer });
