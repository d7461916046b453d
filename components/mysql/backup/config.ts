import {
  cidrs,
  cron,
  everywhere,
  integer,
  labels,
  origin,
  secretText,
  text,
  timeZone,
  type Environment,
} from "../../../config/fields";
import { group, optional, type ValueOf } from "../../../config/groups";
import { requestsWithinLimits, type Rule } from "../../../config/rules";
import { resources } from "../../../config/workload-fields";

/** Every key below `nacos-platform:mysql.backup`. */
export const backup = group({
  schedule: group({
    backup: cron({
      description: "When MySQL is backed up.",
      default: { dev: "0 1 * * *", test: "0 1 * * *", prod: "0 */6 * * *" },
    }),
    verify: cron({
      description: "When the newest backup is restored into a scratch instance, which verifies it.",
      default: everywhere("0 4 * * *"),
    }),
  }),
  timeZone: timeZone({ description: "Time zone of the schedules.", default: everywhere("Etc/UTC") }),
  retention: group({
    count: integer({
      description: "Minimum number of backups to keep, however old they are.",
      min: 1,
      max: 1000,
      default: { dev: 3, test: 7, prod: 14 },
    }),
    days: integer({
      description: "Backups that are younger than this number of days are kept as well.",
      min: 1,
      max: 3650,
      default: { dev: 7, test: 14, prod: 30 },
    }),
  }),
  deadlineMinutes: integer({
    description: "How long a backup or a verification may take, and how late a scheduled one may start.",
    min: 5,
    max: 1440,
    default: { dev: 60, test: 60, prod: 240 },
  }),
  maxAgeHours: integer({
    description: "How old the newest backup may be when it is verified.",
    min: 1,
    max: 720,
    default: { dev: 26, test: 26, prod: 8 },
  }),
  storageGiB: integer({
    description: "Size of the backup volume, in GiB. Its class is `mysql.storageClass`.",
    min: 1,
    max: 16_000,
    default: { dev: 5, test: 20, prod: 100 },
  }),
  scratchGiB: integer({
    description:
      "Space on a node for a backup that is restored, in GiB: the dump, its binary logs and the data. The pod requests a tenth of it as ephemeral storage, and is evicted if it writes more than all of it.",
    min: 1,
    max: 16_000,
    default: { dev: 5, test: 20, prod: 60 },
  }),
  scratch: resources(
    "the scratch instance that a backup is restored into",
    { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "100m", memory: "512Mi" } },
    {
      dev: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } },
      test: { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
      prod: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
    },
  ),
  offsite: optional(
    group({
      endpoint: origin({
        description:
          "S3-compatible object store that backups and binary logs are copied to, encrypted. Without `offsite`, backups are on the backup volume only, and there is no restore to a point in time between two backups. It must be set in prod.",
        example: "https://s3.example.com",
      }),
      region: text({
        description: "Region of the object store.",
        allowed: "a name of letters, digits and hyphens",
        example: "eu-central-1",
        pattern: /^[a-zA-Z0-9-]+$/,
        default: everywhere("us-east-1"),
      }),
      bucket: text({
        description: "Bucket for the off-site backups. It must exist. Each stack uses a separate folder in it.",
        allowed: "the name of a bucket",
        example: "nacos-backups",
        pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      }),
      accessKeyId: secretText({
        description: "Access key of the object store. It may list, read, write and delete in the bucket.",
        allowed: "the id of an access key",
        pattern: /^\S+$/,
      }),
      secretAccessKey: secretText({
        description: "Secret of that access key.",
        allowed: "the secret of an access key",
        pattern: /^\S+$/,
      }),
      cidrs: cidrs({
        description:
          "Addresses to which network policies allow connections to the object store. Narrow them to its addresses.",
        default: everywhere<readonly string[]>(["0.0.0.0/0"]),
      }),
      namespaceLabels: labels({
        description: "If the object store is inside the cluster: the namespaces that carry all these labels.",
        default: everywhere<Readonly<Record<string, string>>>({ "kubernetes.io/metadata.name": "object-store" }),
      }),
    }),
  ),
});

interface Config {
  readonly environment: Environment;
  readonly mysql: { readonly backup: ValueOf<typeof backup> };
}

export const backupRules: readonly Rule<Config>[] = [
  ...requestsWithinLimits<Config>("mysql.backup.scratch", (config) => config.mysql.backup.scratch),
  {
    path: "mysql.backup.offsite.endpoint",
    uses: ["environment", "mysql.backup.offsite"],
    judge: ({ environment, mysql }) =>
      environment === "prod" && mysql.backup.offsite === undefined
        ? {
            value: "not set",
            allowed: "an object store in prod, so that backups outlive the cluster",
            use: "https://s3.example.com",
          }
        : undefined,
  },
];
