import { ACCOUNTS, DATABASE, SCRATCH_DATABASE } from "../components/mysql/names";
import { nacosFacts, SUPPORTED_NACOS } from "../components/nacos/versions";
import { choice, cidrs, cpu, cron, ENVIRONMENTS, everywhere, flag, group, integer, labels, memory, Mismatch, names, secretText, text, type Field, type PerEnvironment, type ValueOf } from "./fields";
import { imageVersion } from "./image";

const DNS_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

interface ResourceDefaults {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

function image(args: { description: string; default: string; allowed: string; accepts: (reference: string) => boolean }): Field<string> {
  return {
    kind: "field",
    description: args.description,
    allowed: args.allowed,
    example: args.default,
    default: everywhere(args.default),
    parse: (value) => (typeof value === "string" && args.accepts(value) ? value : new Mismatch()),
  };
}

function resources(what: string, least: ResourceDefaults, defaults: PerEnvironment<ResourceDefaults>) {
  const pick = (choose: (r: ResourceDefaults) => string): PerEnvironment<string> =>
    ({ dev: choose(defaults.dev), test: choose(defaults.test), prod: choose(defaults.prod) });
  return group({
    requests: group({
      cpu: cpu({ description: `CPU that ${what} is promised.`, min: least.requests.cpu, max: "64", default: pick((r) => r.requests.cpu) }),
      memory: memory({ description: `Memory that ${what} is promised.`, min: least.requests.memory, max: "256Gi", default: pick((r) => r.requests.memory) }),
    }),
    limits: group({
      cpu: cpu({ description: `CPU that ${what} may use at most.`, min: least.limits.cpu, max: "64", default: pick((r) => r.limits.cpu) }),
      memory: memory({ description: `Memory that ${what} may use at most.`, min: least.limits.memory, max: "256Gi", default: pick((r) => r.limits.memory) }),
    }),
  });
}

const storageClass = (whose: string) =>
  text({
    description: `StorageClass of ${whose} claims. It must exist, and reclaim with Retain where \`protect\` is on.`,
    allowed: "the name of a StorageClass in the cluster",
    example: "standard-retain",
    pattern: DNS_NAME,
  });

/** Every key that a stack may set below `nacos-platform:`, with its default per environment. */
export const schema = group({
  environment: choice(ENVIRONMENTS, {
    description: "Which defaults apply. The stack is named after it: `prod`, or `prod-` and more.",
  }),
  kubeContext: text({
    description: "Context of the kubeconfig that is deployed to. Never the current one by accident.",
    allowed: "the name of a context, see `kubectl config get-contexts`",
    example: "my-cluster",
    pattern: /^\S(.*\S)?$/,
  }),
  namespace: text({
    description: "Namespace that holds everything. Made and owned by the stack.",
    allowed: "a DNS label of at most 63 characters that is none of Kubernetes' own namespaces",
    example: "nacos",
    pattern: DNS_LABEL,
    not: ["default", "kube-system", "kube-public", "kube-node-lease"],
    default: { dev: "nacos-dev", test: "nacos-test", prod: "nacos-prod" },
  }),
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
  tenancy: group({
    quota: group({
      requestsCpu: cpu({ description: "ResourceQuota `requests.cpu`.", min: "100m", max: "1000", default: { dev: "1", test: "4", prod: "8" } }),
      requestsMemory: memory({ description: "ResourceQuota `requests.memory`.", min: "256Mi", max: "4Ti", default: { dev: "2Gi", test: "8Gi", prod: "24Gi" } }),
      limitsCpu: cpu({ description: "ResourceQuota `limits.cpu`.", min: "100m", max: "1000", default: { dev: "8", test: "12", prod: "24" } }),
      limitsMemory: memory({ description: "ResourceQuota `limits.memory`.", min: "256Mi", max: "4Ti", default: { dev: "6Gi", test: "16Gi", prod: "32Gi" } }),
      pods: integer({ description: "ResourceQuota `pods`.", min: 1, max: 1000, default: { dev: 10, test: 15, prod: 20 } }),
      persistentVolumeClaims: integer({ description: "ResourceQuota `persistentvolumeclaims`.", min: 1, max: 1000, default: { dev: 4, test: 8, prod: 12 } }),
      storageGiB: integer({ description: "ResourceQuota `requests.storage`, in GiB.", min: 1, max: 100_000, default: { dev: 20, test: 100, prod: 500 } }),
    }),
    containerDefault: resources(
      "a container that says nothing itself",
      { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "10m", memory: "16Mi" } },
      everywhere({ requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "200m", memory: "256Mi" } }),
    ),
    containerMax: group({
      cpu: cpu({ description: "LimitRange maximum of a container's CPU limit.", min: "100m", max: "64", default: { dev: "2", test: "2", prod: "4" } }),
      memory: memory({ description: "LimitRange maximum of a container's memory limit.", min: "128Mi", max: "256Gi", default: { dev: "2Gi", test: "4Gi", prod: "8Gi" } }),
    }),
    priority: integer({
      description: "Value of the PriorityClass of Nacos and MySQL. Pods with less make room for them.",
      min: 0, max: 1_000_000_000, default: { dev: 1000, test: 10_000, prod: 1_000_000 },
    }),
  }),
  mysql: group({
    image: image({
      description: "MySQL image.",
      default: "docker.io/library/mysql:8.4.7",
      allowed: "an image with a tag of MySQL 8.4 or 9",
      accepts: (reference) => {
        const version = imageVersion(reference);
        return version !== undefined && (version.major === 9 || (version.major === 8 && version.minor >= 4));
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
      description: "Whether two MySQL servers may share a node when there is no other room (`preferred`) or never (`required`).",
      default: { dev: "preferred", test: "preferred", prod: "required" },
    }),
    applications: names({
      description: "Applications beside Nacos that get a database and an account of that name, made through `mysql.endpoint`. A name that is taken out loses its account; its database stays.",
      allowed: "a list of different names of at most 26 lower-case letters and digits, led by a letter, that MySQL and Nacos do not use",
      example: '["orders"]',
      pattern: /^[a-z][a-z0-9]{0,25}$/,
      // What the platform itself has in MySQL, and MySQL's own.
      not: ["mysql", "sys", DATABASE, SCRATCH_DATABASE, ...Object.values(ACCOUNTS)],
      default: everywhere<readonly string[]>([]),
    }),
    endpoint: text({
      description: "Where Pulumi reaches MySQL's primary from where it runs, to make databases and accounts: the local address of `npm run ops -- mysql tunnel`, or one of MySQL's own, whose certificate is not checked.",
      allowed: "host:port",
      example: "127.0.0.1:13306",
      pattern: /^[a-zA-Z0-9.-]+:[0-9]{1,5}$/,
      default: everywhere("127.0.0.1:13306"),
    }),
    certificateAuthority: integer({
      description: "Number of the authority that signs the servers' certificates. Raise it by one to change the authority; clients trust the next one beforehand.",
      min: 1, max: 1000, default: everywhere(1),
    }),
    storageGiB: integer({ description: "Size of each MySQL server's claim, in GiB. Cannot be changed later.", min: 1, max: 16_000, default: { dev: 5, test: 20, prod: 50 } }),
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
      timeZone: text({
        description: "Time zone of the schedules.",
        allowed: "a name of the time zone database",
        example: "Asia/Shanghai",
        pattern: /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/,
        default: everywhere("Etc/UTC"),
      }),
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
        endpoint: text({
          description: "S3-compatible store that backups and binary logs are copied to, encrypted. Without it they stay on the claim, and there is no restore to a moment between two backups. Must be set in prod.",
          allowed: "https://host or http://host, with a port where it is another than the usual",
          example: "https://s3.example.com",
          pattern: /^https?:\/\/[a-zA-Z0-9.-]+(:[0-9]{1,5})?$/,
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
  }),
  nacos: group({
    image: image({
      description: "Nacos image. Its tag decides probe paths and ports.",
      default: "docker.io/nacos/nacos-server:v2.5.1",
      allowed: `an image with a tag of Nacos ${SUPPORTED_NACOS}`,
      accepts: (reference) => nacosFacts(reference) !== undefined,
    }),
    replicas: integer({ description: "Number of Nacos servers. In prod at least 3. Do not lower it on a running stack: Raft keeps counting servers that are gone.", min: 1, max: 7, odd: true, default: { dev: 1, test: 3, prod: 3 } }),
    resources: resources(
      "a Nacos server",
      { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "100m", memory: "512Mi" } },
      {
        dev: { requests: { cpu: "200m", memory: "512Mi" }, limits: { cpu: "500m", memory: "1Gi" } },
        test: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1", memory: "2Gi" } },
        prod: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "2", memory: "4Gi" } },
      },
    ),
    storageGiB: integer({ description: "Size of a Nacos server's claim, in GiB. Cannot be changed later.", min: 1, max: 16_000, default: { dev: 2, test: 10, prod: 20 } }),
    storageClass: storageClass("Nacos'"),
    spread: choice(["preferred", "required"], {
      description: "Whether two Nacos servers may share a node, and zones may be uneven, when there is no other room (`preferred`) or never (`required`).",
      default: { dev: "preferred", test: "preferred", prod: "required" },
    }),
    databasePoolSize: integer({ description: "Database connections of a Nacos server at most.", min: 2, max: 200, default: { dev: 10, test: 20, prod: 20 } }),
  }),
  images: group({
    node: image({
      description: "Node.js image. It runs MySQL's controller and judges backups.",
      default: "docker.io/library/node:22.20.0-bookworm-slim",
      allowed: "an image with a tag of Node.js 20 or newer",
      accepts: (reference) => (imageVersion(reference)?.major ?? 0) >= 20,
    }),
    rclone: image({
      description: "Rclone image. It copies backups and binary logs outside.",
      default: "docker.io/rclone/rclone:1.71.2",
      allowed: "an image with a tag of rclone 1.60 or newer",
      accepts: (reference) => {
        const version = imageVersion(reference);
        return version !== undefined && (version.major > 1 || (version.major === 1 && version.minor >= 60));
      },
    }),
    mysqldExporter: image({
      description: "Image of the Prometheus exporter beside each MySQL server.",
      default: "docker.io/prom/mysqld-exporter:v0.17.2",
      allowed: "an image with a tag of mysqld_exporter 0.15 or newer",
      accepts: (reference) => {
        const version = imageVersion(reference);
        return version !== undefined && (version.major > 0 || version.minor >= 15);
      },
    }),
  }),
  access: group({
    monitoringNamespaceLabels: labels({
      description: "Namespaces that carry all these labels may reach the ports of metrics. No other may.",
      default: everywhere<Readonly<Record<string, string>>>({ "kubernetes.io/metadata.name": "monitoring" }),
    }),
    apiServerCidrs: cidrs({
      description: "Where MySQL's controller may look for the API server, as network policies see it: behind its Service. Narrow it to the API server's addresses.",
      default: everywhere<readonly string[]>(["0.0.0.0/0"]),
    }),
    objectStoreCidrs: cidrs({
      description: "Where the store of `mysql.backup.s3` may be, as network policies see it. Narrow it to the store's addresses.",
      default: everywhere<readonly string[]>(["0.0.0.0/0"]),
    }),
    objectStoreNamespaceLabels: labels({
      description: "Where that store may be inside the cluster: namespaces that carry all these labels.",
      default: everywhere<Readonly<Record<string, string>>>({ "kubernetes.io/metadata.name": "object-store" }),
    }),
    clientNamespaceLabels: labels({
      description: "Namespaces that carry all these labels may reach Nacos' client and console ports. No other may.",
      default: everywhere<Readonly<Record<string, string>>>({ "nacos-client": "true" }),
    }),
  }),
});

/** The whole configuration of a stack, checked and frozen. */
export type PlatformConfig = ValueOf<typeof schema>;
