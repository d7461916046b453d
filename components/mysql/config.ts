import { requestsWithinLimits, type Rule } from "../../config/rules";
import { backup, backupRules } from "./backup/config";
import { ACCOUNTS, DATABASE, SCRATCH_DATABASE } from "../../contract/accounts";
import { address, choice, cidrs, everywhere, integer, isPort, labels, names, secretText, text, type Environment } from "../../config/fields";
import { group, oneOf, type ValueOf } from "../../config/groups";
import { imageVersion } from "../../contract/image";
import { DNS_NAME, image, resources, storageClass } from "../../config/workload-fields";

/** Where `npm run ops -- mysql tunnel` listens unless it is told otherwise. */
export const DEFAULT_ENDPOINT = "127.0.0.1:13306";

/** What is asked for wherever MySQL runs. */
const common = {
  image: image({
    description: "MySQL image: the servers', and the clients' in Jobs.",
    default: "docker.io/library/mysql:9.7.2",
    allowed: "an image with a tag of MySQL 9.7 or 8.4, the series with long-term support, and not of 8.4.1, which may not start again with 8,000 tables",
    accepts: (reference) => {
      const { major, minor, version } = imageVersion(reference) ?? {};
      return (major === 9 && minor === 7) || (major === 8 && minor === 4 && version !== "8.4.1");
    },
  }),
  storageClass: storageClass("MySQL's and the backups'"),
  connectionReserve: integer({
    description: "Connections beside Nacos' pools, for the schema Job, backups, Pulumi, applications, operators and exporters.",
    min: 10, max: 1000, default: { dev: 20, test: 30, prod: 40 },
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
  backup,
};

/** MySQL on servers of the stack's own. */
const cluster = {
  ...common,
  servers: integer({
    description: "Servers, the primary among them. Each holds all data on a claim of its own.",
    min: 1, max: 5, default: { dev: 1, test: 2, prod: 3 },
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
  storageGiB: integer({ description: "Size of each MySQL server's claim, in GiB. A larger one lets the claims grow, if their class allows it: docs/volumes.md. A smaller one is refused.", min: 1, max: 16_000, default: { dev: 5, test: 20, prod: 50 } }),
  binlogRetentionHours: integer({
    description: "How long the binary log is kept, in hours. It takes space on MySQL's claim.",
    min: 1, max: 720, default: { dev: 24, test: 72, prod: 72 },
  }),
  caGeneration: integer({
    description: "Generation of the CA that signs the servers' certificates. Raise it by one to change the CA; clients trust the next one beforehand.",
    min: 1, max: 1000, default: everywhere(1),
  }),
  endpoint: text({
    description: "Where Pulumi reaches the primary from where it runs, to make databases and accounts: the beginning of `npm run ops -- mysql tunnel`.",
    allowed: "127.0.0.1 and a port from 1 to 65535: the update that makes the servers also makes the CA of their certificates, which nobody can check before",
    example: DEFAULT_ENDPOINT,
    pattern: /^127\.0\.0\.1:[0-9]+$/,
    accepts: (value) => isPort(value.split(":")[1]),
    default: everywhere(DEFAULT_ENDPOINT),
  }),
  clientNamespaceLabels: labels({
    description: "Namespaces that carry all these labels may reach the servers: those in which the pods of `mysql.applications` run. No other may. If it is not set none may, and an application's database is reached through a port-forward only.",
    example: '{"mysql-client":"true"}',
  }).optional(),
};

/** MySQL that somebody else runs. */
const external = {
  ...common,
  host: text({
    description: "Where pods find it. Its certificate is made out to this name.",
    allowed: "a DNS name",
    example: "mysql.example.com",
    pattern: DNS_NAME,
  }),
  port: integer({ description: "Its port.", min: 1, max: 65_535, default: everywhere(3306) }),
  caCertificates: text({
    description: "CAs that sign its certificate. Clients trust these and no others.",
    allowed: "one or more certificates in PEM",
    example: "-----BEGIN CERTIFICATE-----…",
    pattern: /^\s*(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/,
  }),
  user: text({
    description: "Account with which Pulumi makes databases and accounts. It may make accounts and roles, and pass on what docs/external-mysql.md lists.",
    allowed: "the name of an account",
    example: "admin",
    pattern: /^[A-Za-z0-9_.-]{1,32}$/,
  }),
  password: secretText({ description: "Password of that account.", allowed: "a password", pattern: /^\S+$/ }),
  endpoint: address({
    description: "Where Pulumi reaches it from where it runs, to make databases and accounts. Never where `ops mysql tunnel` begins, which leads to a stack's own servers.",
    example: "mysql.example.com:3306",
    not: [DEFAULT_ENDPOINT],
  }),
  cidrs: cidrs({
    description: "Where it may be, as network policies see it. Narrow it to the database's addresses.",
    default: everywhere<readonly string[]>(["0.0.0.0/0"]),
  }),
};

/** Every key below `nacos-platform:mysql`. */
export const mysql = oneOf("mode", {
  description: "Where MySQL runs: on servers of the stack's own (`cluster`), or elsewhere (`external`): a managed database, say.",
  default: everywhere("cluster" as const),
}, { cluster, external });

/** Names that keys had before, by the path of each. */
export const mysqlRenamed = {
  "mysql.replicas": "mysql.servers, which counts the primary too: one more",
  "mysql.certificateAuthority": "mysql.caGeneration",
  "mysql.external": "mysql.host, port, caCertificates, user and password, with mysql.mode external",
  "mysql.backup.throwaway": "mysql.backup.scratch",
  "mysql.backup.s3": "mysql.backup.offsite",
  "access.mysqlCidrs": "mysql.cidrs, with mysql.mode external",
  "access.mysqlClientNamespaceLabels": "mysql.clientNamespaceLabels",
  "access.objectStoreCidrs": "mysql.backup.offsite.cidrs",
  "access.objectStoreNamespaceLabels": "mysql.backup.offsite.namespaceLabels",
};

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

const requests = requestsWithinLimits<Config>("mysql.resources", ({ mysql }) => (mysql.mode === "cluster" ? mysql.resources : undefined));

export const mysqlRules: readonly Rule<Config>[] = [
  ...backupRules,
  ...requests,
  {
    path: "mysql.failover",
    uses: ["mysql.mode", "mysql.servers", "mysql.semiSync"],
    judge: ({ mysql }) =>
      mysql.mode === "cluster" && mysql.failover === "automatic" && (mysql.servers < 3 || mysql.semiSync !== "required")
        ? { value: "automatic", allowed: `automatic only with at least 3 servers (there are ${mysql.servers}) and semiSync required (it is ${mysql.semiSync}): otherwise it could lose what clients were told of`, use: "manual" }
        : undefined,
  },
  {
    path: "mysql.semiSync",
    uses: ["environment", "mysql.mode", "mysql.servers"],
    judge: ({ mysql }) =>
      mysql.mode === "cluster" && mysql.semiSync === "required" && mysql.servers === 1
        ? { value: "required", allowed: "required only with a replica that could acknowledge; mysql.servers is 1", use: "preferred" }
        : undefined,
  },
];
