import { connectionsNeeded, leastMemoryMiB } from "./components/mysql/my-cnf";
import { images, mysql, mysqlFormer, mysqlRules } from "./components/mysql/config";
import { mostServers, mostServersIn, SERVERS_KEYS } from "./components/nacos/autoscaling-config";
import { nacos, nacosRules } from "./components/nacos/config";
import { monitoring } from "./components/monitoring/config";
import { access, tenancy, tenancyRules } from "./components/tenancy/config";
import { everywhere, flag, text } from "./config/fields";
import { group, type ValueOf } from "./config/groups";
import type { Rule } from "./config/rules";
import { pods, services } from "./config/object-fields";
import { ownPlacement, placement } from "./config/placement-fields";
import { target } from "./config/target";
import { readerOf } from "./config/validate";
import { DNS_NAME } from "./config/workload-fields";
import { MIB, memoryBytes } from "./contract/quantity";

const BUCKET_URL = /^(https?:\/\/[^/\s]+)\/([^/\s]+)$/;

/** Every key that a stack may set below `nacos-platform:`, with its default per environment. */
export const schema = group({
  ...target,
  clusterDomain: text({
    description: "DNS suffix of the cluster. The names of Nacos' members end with it.",
    allowed: "a DNS name",
    example: "cluster.local",
    pattern: DNS_NAME,
    default: everywhere("cluster.local"),
  }),
  protect: flag({
    description:
      "Whether Pulumi refuses to delete or replace the namespace, the StatefulSets, Nacos' database, the backup volume, the encryption key of off-site backups, and the passwords that cannot be changed at any time.",
    default: { dev: false, test: false, prod: true },
  }),
  storageClass: text({
    description:
      "StorageClass of all claims: stands for `mysql.storageClass` and `nacos.storageClass`, which replace it.",
    allowed: "the name of a StorageClass in the cluster",
    example: "standard-retain",
    pattern: DNS_NAME,
  }).optional(),
  backupBucket: text({
    description:
      "URL of the bucket for off-site backups: stands for `mysql.backup.offsite.endpoint` and `bucket`, which replace it.",
    allowed: "https://host/bucket or http://host/bucket",
    example: "https://s3.example.com/nacos-backups",
    pattern: BUCKET_URL,
  }).optional(),
  tenancy,
  placement,
  pods,
  services,
  mysql,
  nacos,
  jobs: group({ placement: ownPlacement("Jobs: those of accounts and schema, backups, verifications and restores") }),
  images,
  access,
  monitoring,
});

export { mostServers as mostNacosServers };

/** The complete configuration of a stack, checked and frozen. */
export type PlatformConfig = ValueOf<typeof schema>;

/** Rules between the values of several sections, and those of each section. */
export const rules: readonly Rule<PlatformConfig>[] = [
  ...tenancyRules,
  ...mysqlRules,
  ...nacosRules,
  {
    path: "mysql.maxConnections",
    uses: ["mysql.mode", "mysql.connectionReserve", ...SERVERS_KEYS, "nacos.databasePoolSize"],
    judge: ({ mysql, nacos }) => {
      const needed = connectionsNeeded({ ...nacos, ...mysql, nacosServers: mostServers(nacos) });
      if (mysql.mode === "external" || mysql.maxConnections >= needed) return undefined;
      return {
        value: String(mysql.maxConnections),
        allowed: `at least ${needed}: ${mostServersIn(nacos)} × pool of ${nacos.databasePoolSize} + ${mysql.connectionReserve} in reserve`,
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

/** Readers of a stack's configuration, for the program and for code that has only the stack file. */
export const { validate, validateFile, readFile } = readerOf({
  project: "nacos-platform",
  schema,
  rules,
  former: mysqlFormer,
  // `pulumi new` can ask for keys at the top only.
  shorthands: {
    storageClass: (storageClass) => ({ mysql: { storageClass }, nacos: { storageClass } }),
    backupBucket: (url) => {
      const [, endpoint, bucket] = BUCKET_URL.exec(url) ?? [];
      return endpoint === undefined ? {} : { mysql: { backup: { offsite: { endpoint, bucket } } } };
    },
  },
});
