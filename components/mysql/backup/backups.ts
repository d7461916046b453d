import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { BACKUP_CRON_JOBS, DATA_MARKS, OBJECTS } from "../../../contract/objects";
import { bundle, compressed } from "../../../kube/bundle";
import { growingClaim } from "../../../kube/claims";
import { IDENTITIES, labels, type Identity } from "../../../contract/identities";
import { checksum, podFile, podTemplate, type PodSettings } from "../../../kube/pod";
import { serviceAccount } from "../../../kube/service-account";
import { retainedClassName } from "../../../kube/storage-class";
import { connections, type Endpoint } from "../../../kube/connections";
import { transformed, type Transform } from "../../../kube/transform";
import { USERS } from "../../../contract/users";
import { backupSteps, registryRestoreSteps, restoreSteps, verifySteps, type Steps, type StepsArgs } from "./pods";

export interface BackupsArgs extends Omit<StepsArgs, "scripts" | "tools" | "claim" | "outside" | "deadlineSeconds"> {
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig. A preview uses it to check if the claim may grow. */
  readonly kubeContext: string;
  readonly pods: PodSettings;
  /** PriorityClass of backups and verifications, which have time. Restores have the one of `pods`. */
  readonly batchPriorityClassName: pulumi.Input<string>;
  /** When backups are made and verified: five fields of cron. */
  readonly schedule: { readonly backup: string; readonly verify: string };
  /** Time zone of the schedules: "Europe/Berlin". */
  readonly timeZone: string;
  /** How long a run may take, and how late it may start. */
  readonly deadlineMinutes: number;
  /** Whether Pulumi refuses to delete the claim. */
  readonly protect: boolean;
  /** What backups and restores connect to. */
  readonly database: Endpoint;
  /** The HTTP port of Nacos, by which backups read its registry and restores change it or publish configurations. */
  readonly nacosHttp: Endpoint;
  /** Changes to each of the four CronJobs, see {@link Transform}. */
  readonly transform?: Transform<k8s.batch.v1.CronJobArgs>;
}

const SCRIPTS = [
  "list.sh",
  "dump.sh",
  "outside.sh",
  "place.sh",
  "copy-out.sh",
  "fetch.sh",
  "scratch.sh",
  "prove.sh",
  "load.sh",
] as const;

/**
 * Backups of all databases. CronJob `mysql-backup` makes them on the backup volume and copies them off-site. CronJob
 * `mysql-verify` restores the newest one into a scratch instance. CronJobs `mysql-restore` and `nacos-registry-restore` are
 * suspended: `ops mysql restore` and `ops nacos restore` create their Jobs.
 */
export class Backups extends pulumi.ComponentResource {
  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:Backups", name, {}, opts);

    const own = { parent: this };
    const metadata = { namespace: args.namespace, labels: labels(IDENTITIES.mysqlBackup) };
    const files = Object.fromEntries(SCRIPTS.map((file) => [file, podFile(__dirname, "scripts", file)]));
    const code = pulumi.output(bundle(join(__dirname, "..", "..", "..", "runtime", "mysql-backup", "main.ts")));
    const { data, binaryData } = code.apply((text) => compressed("main", text));
    const scripts = new k8s.core.v1.ConfigMap(
      `${name}-scripts`,
      { metadata: { ...metadata, name: "mysql-backup-scripts" }, data: files },
      own,
    );
    const tools = new k8s.core.v1.ConfigMap(
      `${name}-tools`,
      { metadata: { ...metadata, name: "mysql-backup-tools" }, data, binaryData },
      own,
    );
    const claim = this.makeClaim(name, args);
    const account = serviceAccount(
      `${name}-service-account`,
      { name: "mysql-backup", namespace: args.namespace, identity: IDENTITIES.mysqlBackup },
      own,
    );
    const steps: StepsArgs = {
      ...args,
      outside: args.copy !== undefined,
      deadlineSeconds: args.deadlineMinutes * 60,
      scripts: scripts.metadata.name,
      tools: tools.metadata.name,
      claim: claim.metadata.name,
    };
    const mark = code.apply((text) => checksum(text, ...Object.values(files)));
    const toStore = args.copy === undefined ? [] : [args.copy.endpoint];
    const marks: Partial<Record<keyof typeof BACKUP_CRON_JOBS, Readonly<Record<string, string>>>> = {
      backup: args.copy === undefined ? {} : { [DATA_MARKS.offsite]: args.copy.location },
      verify: { [DATA_MARKS.verifies]: BACKUP_CRON_JOBS.backup },
    };
    const cronJob = (
      role: keyof typeof BACKUP_CRON_JOBS,
      identity: Identity,
      schedule: string,
      to: readonly Endpoint[],
      { mayNotFail, ...pod }: Steps,
      spec: Partial<k8s.types.input.batch.v1.JobSpec>,
    ): void => {
      const isRestore = role === "restore" || role === "registry";
      const policy = connections(
        `${name}-${role}-connections`,
        { namespace: args.namespace, name: BACKUP_CRON_JOBS[role], identity, to },
        own,
      );
      new k8s.batch.v1.CronJob(
        `${name}-${role}`,
        transformed<k8s.batch.v1.CronJobArgs>(args.transform, {
          metadata: { ...metadata, name: BACKUP_CRON_JOBS[role], labels: labels(identity), annotations: marks[role] },
          spec: {
            schedule,
            timeZone: args.timeZone,
            suspend: isRestore,
            concurrencyPolicy: "Forbid",
            startingDeadlineSeconds: steps.deadlineSeconds,
            successfulJobsHistoryLimit: 3,
            failedJobsHistoryLimit: 5,
            jobTemplate: {
              metadata: { labels: labels(identity) },
              spec: {
                // A restore that has begun to replace the databases must not be stopped half-way.
                activeDeadlineSeconds: isRestore ? undefined : steps.deadlineSeconds,
                // A pod that is evicted or loses its node is replaced, and does not count as a failure. One that restores is not:
                // another pod would not know what it has changed.
                podFailurePolicy: {
                  rules: [
                    {
                      action: role === "restore" ? "FailJob" : "Ignore",
                      onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
                    },
                    ...(mayNotFail === undefined
                      ? []
                      : [
                          {
                            action: "FailJob",
                            onExitCodes: { containerName: mayNotFail, operator: "NotIn", values: [0] },
                          },
                        ]),
                  ],
                },
                ...spec,
                template: podTemplate({
                  identity,
                  // All containers run as the same user, because each reads files that an earlier one wrote.
                  uid: USERS.mysql,
                  pods: isRestore ? args.pods : { ...args.pods, priorityClassName: args.batchPriorityClassName },
                  to,
                  annotations: {
                    "nacos-platform/config": mark,
                    // `kubectl logs` shows this step if it is given none.
                    ...(role === "backup" ? { "kubectl.kubernetes.io/default-container": "dump" } : {}),
                  },
                  spec: { ...pod, restartPolicy: "Never", serviceAccountName: account.metadata.name },
                }),
              },
            },
          },
        }),
        { ...own, dependsOn: policy },
      );
    };

    const { backup, verify } = args.schedule;
    // Suspended: a CronJob needs a schedule, but these never run by themselves.
    const never = "0 0 1 1 *";
    const database = [args.database, ...toStore];
    const nacos = args.nacosHttp;
    cronJob("backup", IDENTITIES.mysqlBackup, backup, [...database, nacos], backupSteps(steps), { backoffLimit: 2 });
    // Without retries: another attempt would find the same fault in the same backup. It reads only what has left the servers
    // already, so it connects to none.
    cronJob("verify", IDENTITIES.mysqlVerify, verify, toStore, verifySteps(steps), { backoffLimit: 0 });
    cronJob("restore", IDENTITIES.mysqlRestore, never, [...database, nacos], restoreSteps(steps), { backoffLimit: 0 });
    cronJob("registry", IDENTITIES.registryRestore, never, [...toStore, nacos], registryRestoreSteps(steps), {
      backoffLimit: 0,
    });

    this.registerOutputs({});
  }

  private makeClaim(name: string, args: BackupsArgs): k8s.core.v1.PersistentVolumeClaim {
    const storageClassName = retainedClassName(
      `${name}-storage-class`,
      { className: args.storageClass, key: "mysql.storageClass", required: args.protect },
      { parent: this },
    );
    return new k8s.core.v1.PersistentVolumeClaim(
      `${name}-claim`,
      {
        metadata: {
          namespace: args.namespace,
          name: OBJECTS.backupVolume,
          labels: labels(IDENTITIES.mysqlBackup),
          // The claim stays pending until the first backup.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName,
          resources: { requests: { storage: `${args.storageGiB}Gi` } },
        },
      },
      {
        parent: this,
        protect: args.protect,
        hooks: { beforeUpdate: [growingClaim("mysql.backup.storageGiB", "mysql.storageClass", args.kubeContext)] },
      },
    );
  }
}
