import { requestsWithinLimits, type Rule } from "../../config/rules";
import { isLocal } from "../../clients/mysql/local";
import { backup, backupRules } from "./backup/config";
import { ACCOUNTS, DATABASE, SCRATCH_DATABASE } from "../../contract/accounts";
import { address, choice, everywhere, group, integer, names, secretText, text, type Environment, type ValueOf } from "../../config/fields";
import { imageVersion } from "../../contract/image";
import { DNS_NAME, image, resources, storageClass } from "../../config/workload-fields";

/** Where `npm run ops -- mysql tunnel` listens unless it is told otherwise. */
export const DEFAULT_ENDPOINT = "127.0.0.1:13306";

/** Every key below `nacos-platform:mysql`. */
export const mysql = group({
  mode: choice(["cluster", "external"], {
    description: "Where MySQL runs: on servers of the stack's own (`cluster`), or elsewhere (`external`): a managed database, say. Then the keys of servers are not used: `resources`, `replicas`, `semiSync`, `failover`, `spread`, `certificateAuthority`, `storageGiB`, `binlogRetentionHours`.",
    default: everywhere("cluster" as const),
  }),
  external: group({
    host: text({
      description: "Where an external MySQL is found by the pods. Its certificate is made out to this name.",
      allowed: "a DNS name",
      example: "mysql.example.com",
      pattern: DNS_NAME,
      default: everywhere(""),
    }),
    port: integer({ description: "Port of an external MySQL.", min: 1, max: 65_535, default: everywhere(3306) }),
    authorities: text({
      description: "Authorities that sign an external MySQL's certificate. Clients trust these and no others.",
      allowed: "one or more certificates in PEM",
      example: "-----BEGIN CERTIFICATE-----…",
      pattern: /^\s*(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/,
      default: everywhere(""),
    }),
    user: text({
      description: "Account with which Pulumi makes databases and accounts in an external MySQL. It may make accounts and roles, and pass on what docs/external-mysql.md lists.",
      allowed: "the name of an account",
      example: "admin",
      pattern: /^[A-Za-z0-9_.-]{1,32}$/,
      default: everywhere(""),
    }),
    password: secretText({ description: "Password of that account.", allowed: "a password", pattern: /^\S+$/ }),
  }),
  image: image({
    description: "MySQL image: the servers', and the clients' in Jobs.",
    default: "docker.io/library/mysql:9.7.2",
    allowed: "an image with a tag of MySQL 9.7 or 8.4, the series with long-term support, and not of 8.4.1, which may not start again with 8,000 tables",
    accepts: (reference) => {
      const { major, minor, version } = imageVersion(reference) ?? {};
      return (major === 9 && minor === 7) || (major === 8 && minor === 4 && version !== "8.4.1");
    },
  }),
  resources: resources(
    "MySQL",
    { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "100m", memory: "512Mi" } },
    {
      dev: { requests: { cpu: "200m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
      test: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1", memory: "2Gi" } },
      prod: { requests: { cpu: "1", memory: "4Gi" }, limits: { cpu: "2", memory: "4Gi" } },
    },
  ),
  replicas: integer({
    description: "Servers beside the primary. Each holds all data on a claim of its own.",
    min: 0, max: 4, default: { dev: 0, test: 1, prod: 2 },
  }),
  semiSync: choice(["required", "preferred"], {
    description: "Whether a commit waits until a majority of the servers has the transaction, however long that takes (`required`: nothing that a client was told of is lost in a failover; writes stop while too few replicas are there), or goes on without after 5 s (`preferred`: writes go on; what was written meanwhile is lost if the primary dies).",
    default: { dev: "preferred", test: "preferred", prod: "required" },
  }),
  failover: choice(["manual", "automatic"], {
    description: "Who puts a replica in the place of a dead primary: an operator with `npm run ops -- mysql failover`, or the controller.",
    default: { dev: "manual", test: "manual", prod: "automatic" },
  }),
  spread: choice(["preferred", "required"], {
    description: "Whether two MySQL servers may share a node when there is no other room (`preferred`) or never (`required`). Over zones they are spread as evenly as there is room, either way.",
    default: { dev: "preferred", test: "preferred", prod: "required" },
  }),
  applications: names({
    description: "Applications beside Nacos that get a database and an account of that name, made through `mysql.endpoint`; docs/applications.md says how their pods get there. A name that is taken out loses its account; its database stays.",
    allowed: "a list of different names of at most 26 lower-case letters and digits, led by a letter, that MySQL and Nacos do not use",
    example: '["orders"]',
    pattern: /^[a-z][a-z0-9]{0,25}$/,
    // What the platform itself has in MySQL, and MySQL's own.
    not: ["mysql", "sys", DATABASE, SCRATCH_DATABASE, ...Object.values(ACCOUNTS)],
    default: everywhere<readonly string[]>([]),
  }),
  endpoint: address({
    description: "Where Pulumi reaches MySQL's primary from where it runs, to make databases and accounts: on 127.0.0.1, where `npm run ops -- mysql tunnel` begins, or the address of an external one.",
    example: "127.0.0.1:13306",
    default: everywhere(DEFAULT_ENDPOINT),
  }),
  certificateAuthority: integer({
    description: "Number of the authority that signs the servers' certificates. Raise it by one to change the authority; clients trust the next one beforehand.",
    min: 1, max: 1000, default: everywhere(1),
  }),
  storageGiB: integer({ description: "Size of each MySQL server's claim, in GiB. A larger one lets the claims grow, if their class allows it: docs/volumes.md. A smaller one is refused.", min: 1, max: 16_000, default: { dev: 5, test: 20, prod: 50 } }),
  storageClass: storageClass("MySQL's"),
  connectionReserve: integer({
    description: "Connections beside Nacos' pools, for the schema Job, backups, Pulumi, applications, operators and exporters.",
    min: 10, max: 1000, default: { dev: 20, test: 30, prod: 40 },
  }),
  binlogRetentionHours: integer({
    description: "How long the binary log is kept, in hours. It takes space on MySQL's claim.",
    min: 1, max: 720, default: { dev: 24, test: 72, prod: 72 },
  }),
  backup,
});

/** Every key below `nacos-platform:images`: what runs beside MySQL. */
export const images = group({
  node: image({
    description: "Node.js image. It runs MySQL's controller and judges backups.",
    default: "docker.io/library/node:24.21.0-bookworm-slim",
    allowed: "an image with a tag of Node.js 20 or newer",
    accepts: (reference) => (imageVersion(reference)?.major ?? 0) >= 20,
  }),
  rclone: image({
    description: "Rclone image. It copies backups and binary logs outside.",
    default: "docker.io/rclone/rclone:1.75.1",
    allowed: "an image with a tag of rclone 1.60 or newer",
    accepts: (reference) => {
      const version = imageVersion(reference);
      return version !== undefined && (version.major > 1 || (version.major === 1 && version.minor >= 60));
    },
  }),
  mysqldExporter: image({
    description: "Image of the Prometheus exporter beside each MySQL server.",
    default: "docker.io/prom/mysqld-exporter:v0.20.0",
    allowed: "an image with a tag of mysqld_exporter 0.15 or newer",
    accepts: (reference) => {
      const version = imageVersion(reference);
      return version !== undefined && (version.major > 0 || version.minor >= 15);
    },
  }),
});

interface Config {
  readonly environment: Environment;
  readonly mysql: ValueOf<typeof mysql>;
}

export const mysqlRules: readonly Rule<Config>[] = [
  ...backupRules,
  ...requestsWithinLimits<Config>("mysql.resources", (config) => config.mysql.resources),
  neededForExternal("host", "mysql.example.com"),
  neededForExternal("authorities", "-----BEGIN CERTIFICATE-----…"),
  neededForExternal("user", "admin"),
  neededForExternal("password"),
  {
    path: "mysql.endpoint",
    uses: ["mysql.mode", "mysql.external.port"],
    judge: ({ mysql: { mode, endpoint, external } }) => {
      if (mode === "external" && endpoint === DEFAULT_ENDPOINT) {
        return { value: endpoint, allowed: "where an external MySQL is reached from where Pulumi runs: no tunnel of this project leads there", use: `${external.host || "mysql.example.com"}:${external.port}` };
      }
      if (mode === "cluster" && !isLocal(endpoint)) {
        return { value: endpoint, allowed: "an address on 127.0.0.1, where a tunnel begins: the update that makes the servers also makes the authority of their certificates, which nobody can check before", use: DEFAULT_ENDPOINT };
      }
      return undefined;
    },
  },
  {
    path: "mysql.failover",
    uses: ["mysql.replicas", "mysql.semiSync"],
    judge: ({ mysql }) =>
      mysql.mode === "cluster" && mysql.failover === "automatic" && (mysql.replicas < 2 || mysql.semiSync !== "required")
        ? { value: "automatic", allowed: `automatic only with at least 2 replicas (there are ${mysql.replicas}) and semiSync required (it is ${mysql.semiSync}): otherwise it could lose what clients were told of`, use: "manual" }
        : undefined,
  },
  {
    path: "mysql.semiSync",
    uses: ["environment", "mysql.replicas"],
    judge: ({ mysql }) =>
      mysql.mode === "cluster" && mysql.semiSync === "required" && mysql.replicas === 0
        ? { value: "required", allowed: "required only with a replica that could acknowledge; mysql.replicas is 0", use: "preferred" }
        : undefined,
  },
];

/** What an external MySQL needs. */
function neededForExternal(key: "host" | "authorities" | "user" | "password", use?: string): Rule<Config> {
  return {
    path: `mysql.external.${key}`,
    uses: ["mysql.mode"],
    judge: ({ mysql: { mode, external } }) =>
      mode === "external" && external[key] === "" ? { value: "not set", allowed: "a value wherever mysql.mode is external", use } : undefined,
  };
}
