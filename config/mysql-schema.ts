import { ACCOUNTS, DATABASE, SCRATCH_DATABASE } from "../components/mysql/names";
import { address, choice, cron, everywhere, group, integer, names, origin, secretText, text, timeZone } from "./fields";
import { imageVersion } from "./image";
import { DNS_NAME, image, resources, storageClass } from "./workload-fields";

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
  backup: group({
    schedule: group({
      backup: cron({ description: "When MySQL is backed up.", default: { dev: "0 1 * * *", test: "0 1 * * *", prod: "0 */6 * * *" } }),
      verify: cron({ description: "When the newest backup is restored into a throwaway server, which proves it.", default: everywhere("0 4 * * *") }),
    }),
    timeZone: timeZone({ description: "Time zone of the schedules.", default: everywhere("Etc/UTC") }),
    retention: group({
      count: integer({ description: "So many backups stay however old they are.", min: 1, max: 1000, default: { dev: 3, test: 7, prod: 14 } }),
      days: integer({ description: "Backups that are younger stay, beside those.", min: 1, max: 3650, default: { dev: 7, test: 14, prod: 30 } }),
    }),
    deadlineMinutes: integer({ description: "How long a backup or a verification may take, and how late a scheduled one may start.", min: 5, max: 1440, default: { dev: 60, test: 60, prod: 240 } }),
    maxAgeHours: integer({ description: "How old the newest backup may be when it is verified.", min: 1, max: 720, default: { dev: 26, test: 26, prod: 8 } }),
    storageGiB: integer({ description: "Size of the claim for backups, in GiB. Its class is `mysql.storageClass`.", min: 1, max: 16_000, default: { dev: 5, test: 20, prod: 100 } }),
    scratchGiB: integer({ description: "Room on a node for a backup that is restored, in GiB: the dump, its binary logs and the data.", min: 1, max: 16_000, default: { dev: 5, test: 20, prod: 60 } }),
    throwaway: resources(
      "the server that a backup is restored into",
      { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "100m", memory: "512Mi" } },
      {
        dev: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } },
        test: { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
        prod: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
      },
    ),
    s3: group({
      endpoint: origin({
        description: "S3-compatible store that backups and binary logs are copied to, encrypted. Without it they stay on the claim, and there is no restore to a moment between two backups. Must be set in prod.",
        example: "https://s3.example.com",
        default: everywhere(""),
      }),
      region: text({ description: "Region of the store.", allowed: "a name of letters, digits and hyphens", example: "eu-central-1", pattern: /^[a-zA-Z0-9-]+$/, default: everywhere("us-east-1") }),
      bucket: text({
        description: "Bucket for the copies. It must exist; each stack uses a folder of its own in it.",
        allowed: "the name of a bucket",
        example: "nacos-backups",
        pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
        default: everywhere(""),
      }),
      accessKeyId: secretText({ description: "Access key of the store. It may list, read, write and delete in the bucket.", allowed: "the id of an access key", pattern: /^\S+$/ }),
      secretAccessKey: secretText({ description: "Secret of that access key.", allowed: "the secret of an access key", pattern: /^\S+$/ }),
    }),
  }),
});
