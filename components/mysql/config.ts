import { requestsWithinLimits, type Rule } from "../../config/rules";
import { backup, backupRules } from "./backup/config";
import { choice, cidrs, everywhere, integer, names, secretText, text, type Environment } from "../../config/fields";
import { group, oneOf, type ValueOf } from "../../config/groups";
import { imageVersion } from "../../contract/image";
import { ownPlacement } from "../../config/placement-fields";
import { DNS_NAME, image, resources, storageClass } from "../../config/workload-fields";

/** Keys that both modes have. */
const common = {
  image: image({
    description: "MySQL image of the servers, and of the clients in Jobs.",
    default: "docker.io/library/mysql:9.7.2",
    allowed:
      "an image with a tag of MySQL 9.7 or 8.4, the series with long-term support, and not of 8.4.1, which may not start again with 8,000 tables",
    accepts: (reference) => {
      const { major, minor, version } = imageVersion(reference) ?? {};
      return (major === 9 && minor === 7) || (major === 8 && minor === 4 && version !== "8.4.1");
    },
  }),
  storageClass: storageClass("MySQL's and the backups'"),
  connectionReserve: integer({
    description: "Connections in addition to Nacos' pools, for the platform's Jobs, tenants, operators and exporters.",
    min: 10,
    max: 1000,
    default: { dev: 20, test: 30, prod: 40 },
  }),
  placement: ownPlacement("MySQL's servers and their controller"),
  backup,
};

/** MySQL on servers that the stack runs. */
const cluster = {
  ...common,
  servers: integer({
    description: "Number of servers, including the primary. Each has all data on a separate claim.",
    min: 1,
    max: 5,
    default: { dev: 1, test: 2, prod: 3 },
  }),
  maxConnections: integer({
    description:
      "Connections that a server accepts, each with 2Mi of its memory. It limits how many servers Nacos may have. A change of that number restarts no MySQL server; a change of this limit restarts them one by one.",
    min: 30,
    max: 10_000,
    default: { dev: 50, test: 130, prod: 140 },
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
    description:
      "Whether a commit waits until a majority of the servers has the transaction, however long that takes (`required`: a failover loses no acknowledged transaction; commits wait while too few replicas are connected), or no longer than 5 s (`preferred`: commits continue without replicas; transactions committed meanwhile are lost if the primary dies).",
    default: { dev: "preferred", test: "preferred", prod: "required" },
  }),
  failover: choice(["manual", "automatic"], {
    description:
      "Who promotes a replica after the primary has failed: an operator with `npm run ops -- mysql failover` (`manual`), or the controller (`automatic`).",
    default: { dev: "manual", test: "manual", prod: "automatic" },
  }),
  spread: choice(["preferred", "required"], {
    description:
      "Whether two MySQL servers may share a node if no other node has room (`preferred`) or never (`required`). Both spread the servers over zones as evenly as there is room.",
    default: { dev: "preferred", test: "preferred", prod: "required" },
  }),
  storageGiB: integer({
    description:
      "Size of each MySQL server's claim, in GiB. A larger value lets the claims grow, if their class allows it: docs/volumes.md. A smaller value is refused.",
    min: 1,
    max: 16_000,
    default: { dev: 5, test: 20, prod: 50 },
  }),
  binlogRetentionHours: integer({
    description: "How long the binary log is kept, in hours. It takes space on each server's claim.",
    min: 1,
    max: 720,
    default: { dev: 24, test: 72, prod: 72 },
  }),
  caGeneration: integer({
    description:
      "Generation of the CA that signs the servers' certificates. Raise it by one to change the CA. Clients trust the next CA beforehand.",
    min: 1,
    max: 1000,
    default: everywhere(1),
  }),
};

/** MySQL that somebody else runs. */
const external = {
  ...common,
  host: text({
    description: "DNS name under which pods reach MySQL. Its certificate contains this name.",
    allowed: "a DNS name",
    example: "mysql.example.com",
    pattern: DNS_NAME,
  }),
  port: integer({ description: "Port of MySQL.", min: 1, max: 65_535, default: everywhere(3306) }),
  caCertificates: text({
    description: "CAs that sign MySQL's certificate. Clients trust only these.",
    allowed: "one or more certificates in PEM",
    example: "-----BEGIN CERTIFICATE-----…",
    pattern: /^\s*(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/,
  }),
  user: text({
    description:
      "Account with which a Job in the cluster creates Nacos' database and the platform's accounts. It may create accounts, and grant the privileges that docs/external-mysql.md lists.",
    allowed: "the name of an account",
    example: "admin",
    pattern: /^[A-Za-z0-9_.-]{1,32}$/,
  }),
  password: secretText({ description: "Password of that account.", allowed: "a password", pattern: /^\S+$/ }),
  cidrs: cidrs({
    description: "Addresses to which network policies allow connections to MySQL. Narrow them to its addresses.",
    default: everywhere<readonly string[]>(["0.0.0.0/0"]),
  }),
};

/** Every key below `nacos-platform:mysql`. */
export const mysql = oneOf(
  "mode",
  {
    description:
      "Where MySQL runs: on servers of this stack (`cluster`), or elsewhere, for example as a managed database (`external`).",
    default: everywhere("cluster" as const),
  },
  { cluster, external },
);

const TENANTS = { instead: "databases, and who may reach them, belong to the project nacos-tenants: docs/tenants.md" };

/** Keys of previous versions, by path. */
export const mysqlFormer = {
  "mysql.replicas": "mysql.servers, which counts the primary too: one more",
  "mysql.certificateAuthority": "mysql.caGeneration",
  "mysql.external": "mysql.host, port, caCertificates, user and password, with mysql.mode external",
  "mysql.backup.throwaway": "mysql.backup.scratch",
  "mysql.backup.s3": "mysql.backup.offsite",
  "access.mysqlCidrs": "mysql.cidrs, with mysql.mode external",
  "mysql.applications": TENANTS,
  "mysql.clientNamespaceLabels": TENANTS,
  "access.mysqlClientNamespaceLabels": TENANTS,
  "mysql.endpoint": {
    instead: "a Job in the cluster creates the accounts, and an update needs no connection to MySQL",
  },
  "access.objectStoreCidrs": "mysql.backup.offsite.cidrs",
  "access.objectStoreNamespaceLabels": "mysql.backup.offsite.namespaceLabels",
};

/** Every key below `nacos-platform:images`: the images of what runs in addition to MySQL, and where all images come from. */
export const images = group({
  registry: text({
    description:
      "Registry that has the images of docker.io, under the same names: it replaces `docker.io` in every image of the stack that begins with it.",
    allowed: "host, host:port, or one of them with a path, without a trailing slash",
    example: "registry.example.com/mirror",
    pattern: /^[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
  }).optional(),
  pullSecrets: names({
    description:
      "Secrets of the namespace with which nodes pull the images. They are created by the user, after the namespace; pods wait for them.",
    allowed: "a list of different names of Secrets",
    example: '["registry"]',
    pattern: DNS_NAME,
    not: [],
    default: everywhere<readonly string[]>([]),
  }),
  node: image({
    description:
      "Node.js image. It runs MySQL's controller and the Jobs for accounts and schema, and evaluates backups.",
    default: "docker.io/library/node:24.21.0-bookworm-slim",
    allowed: "an image with a tag of Node.js 20 or newer",
    accepts: (reference) => (imageVersion(reference)?.major ?? 0) >= 20,
  }),
  rclone: image({
    description: "Rclone image. It copies backups and binary logs off-site.",
    default: "docker.io/rclone/rclone:1.75.1",
    allowed: "an image with a tag of rclone 1.60 or newer",
    accepts: (reference) => {
      const version = imageVersion(reference);
      return version !== undefined && (version.major > 1 || (version.major === 1 && version.minor >= 60));
    },
  }),
  mysqldExporter: image({
    description: "Image of the Prometheus exporter in each MySQL server's pod.",
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

const requests = requestsWithinLimits<Config>("mysql.resources", ({ mysql }) =>
  mysql.mode === "cluster" ? mysql.resources : undefined,
);

export const mysqlRules: readonly Rule<Config>[] = [
  ...backupRules,
  ...requests,
  {
    path: "mysql.failover",
    uses: ["mysql.mode", "mysql.servers", "mysql.semiSync"],
    judge: ({ mysql }) =>
      mysql.mode === "cluster" && mysql.failover === "automatic" && (mysql.servers < 3 || mysql.semiSync !== "required")
        ? {
            value: "automatic",
            allowed: `automatic only with at least 3 servers (there are ${mysql.servers}) and semiSync required (it is ${mysql.semiSync}): otherwise it could lose acknowledged transactions`,
            use: "manual",
          }
        : undefined,
  },
  {
    path: "mysql.semiSync",
    uses: ["environment", "mysql.mode", "mysql.servers"],
    judge: ({ mysql }) =>
      mysql.mode === "cluster" && mysql.semiSync === "required" && mysql.servers === 1
        ? {
            value: "required",
            allowed: "required only if there is a replica that can acknowledge; mysql.servers is 1",
            use: "preferred",
          }
        : undefined,
  },
];
