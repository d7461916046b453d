import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadFootprint } from "../../../kube/footprint";
import { IDENTITIES, labels } from "../../../contract/identities";
import { mark } from "../../../kube/mark";
import { randomPassword } from "../../../kube/password";
import { checksum, containerSecurity, podBasics, podFile } from "../../../kube/pod";
import { afterPredecessor, AWAITED, jobEnd } from "../../../kube/rollout";
import { serviceAccount } from "../../../kube/service-account";
import { connectionLabels, connections, type Endpoint } from "../../../kube/connections";
import { transformed, type Transform } from "../../../kube/transform";
import { USERS } from "../../../contract/users";

/** Nacos' administrator. */
export const NACOS_ADMIN = "nacos";

const DEADLINE_SECONDS = 6 * 3600;

export interface NacosSchemaJobArgs {
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig, by which an update sees how the Job ends. */
  readonly kubeContext: string;
  readonly priorityClassName: pulumi.Input<string>;
  /** The very image that is deployed next: the schema comes out of it. */
  readonly nacosImage: string;
  /** Dotted numbers: "2.5.1". */
  readonly nacosVersion: string;
  /** The client is run from the server's image. */
  readonly mysqlImage: string;
  /** Secret with `client.cnf` of an account that may add tables and columns. */
  readonly credentialsSecret: pulumi.Input<string>;
  /** ConfigMap with `ca.crt` of the server's CAs. */
  readonly caConfigMap: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete or replace the administrator's password. */
  readonly protect: boolean;
  /** The database that it connects to. */
  readonly database: Endpoint;
  /** Changes to the Job, see {@link Transform}. */
  readonly transform?: Transform<k8s.batch.v1.JobArgs>;
}

/** What the Job asks of the namespace while it runs. */
export function schemaFootprint(): WorkloadFootprint {
  const small = { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } };
  return { workload: "Job/nacos-schema", pods: 1, surgePods: 0, containers: { apply: small }, initContainers: { shipped: small }, claimsGiB: [] };
}

/**
 * Brings the database to the schema of the Nacos version being deployed, and gives Nacos its administrator: a Job that
 * runs once for each image, script or password, and does nothing when repeated. A database with a newer schema, or with one that
 * nobody recorded and that does not fit, is left alone and the update fails with the reason.
 *
 * Nacos is made to depend on it, so the administrator exists before the first server answers.
 */
export class NacosSchemaJob extends pulumi.ComponentResource {
  /** Secret with `username`, `password` of Nacos' administrator, and the `passwordHash` that the database holds. */
  readonly adminSecret: pulumi.Output<string>;

  constructor(name: string, args: NacosSchemaJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:nacos:SchemaJob", name, {}, opts);

    const own = { parent: this };
    const metadata = { namespace: args.namespace, labels: labels(IDENTITIES.schema) };
    const password = randomPassword(`${name}-admin-password`, { ...own, protect: args.protect });
    const admin = new k8s.core.v1.Secret(`${name}-admin`, {
      metadata: { ...metadata, name: "nacos-admin" },
      stringData: { username: NACOS_ADMIN, password: password.result, passwordHash: password.bcryptHash },
    }, own);
    const files = {
      "copy-schema.sh": podFile(__dirname, "scripts", "copy-schema.sh"),
      "apply-schema.sh": podFile(__dirname, "scripts", "apply-schema.sh"),
      "schema-changes.sql": podFile(__dirname, "scripts", "schema-changes.sql"),
    };
    const scripts = new k8s.core.v1.ConfigMap(`${name}-scripts`, { metadata: { ...metadata, name: "nacos-schema-scripts" }, data: files }, own);
    const account = serviceAccount(`${name}-service-account`, { name: "nacos-schema", namespace: args.namespace, identity: IDENTITIES.schema }, own);

    const policy = connections(`${name}-connections`, { namespace: args.namespace, name: "nacos-schema", identity: IDENTITIES.schema, to: [args.database] }, own);
    const job = new k8s.batch.v1.Job(`${name}-job`, transformed<k8s.batch.v1.JobArgs>(args.transform, {
      metadata: {
        ...metadata,
        name: "nacos-schema",
        // A Job that failed cannot be started again; the next update makes a new one.
        annotations: { ...AWAITED, "pulumi.com/replaceUnready": "true" },
      },
      spec: {
        // The script itself waits for the server; what it refuses, it would refuse again.
        backoffLimit: 0,
        // Large tables are copied when their character set changes, and one that is stopped begins anew.
        activeDeadlineSeconds: DEADLINE_SECONDS,
        // A pod that is evicted or loses its node has not failed: it is replaced, and does not count.
        podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }] },
        template: {
          metadata: { labels: { ...labels(IDENTITIES.schema), ...connectionLabels([args.database]) }, annotations: {
            "nacos-platform/config": checksum(...Object.values(files)),
            // Another password has to reach the database.
            "nacos-platform/administrator": mark(`${name}-admin-mark`, { password: password.result }, own),
          } },
          spec: {
            ...podBasics({ ...args, uid: USERS.mysql }),
            restartPolicy: "Never",
            serviceAccountName: account.metadata.name,
            initContainers: [shippedContainer(args.nacosImage)],
            containers: [applyContainer(args)],
            volumes: [
              { name: "scripts", configMap: { name: scripts.metadata.name } },
              { name: "credentials", secret: { secretName: args.credentialsSecret, defaultMode: 0o440 } },
              { name: "ca", configMap: { name: args.caConfigMap } },
              {
                name: "admin",
                secret: { secretName: admin.metadata.name, defaultMode: 0o440, items: [{ key: "passwordHash", path: "passwordHash" }] },
              },
              { name: "schema", emptyDir: { sizeLimit: "16Mi" } },
              { name: "tmp", emptyDir: { sizeLimit: "16Mi" } },
            ],
          },
        },
      },
    }), { ...own, dependsOn: policy, deleteBeforeReplace: true, hooks: { beforeCreate: [afterPredecessor("Job", "nacos-schema", args.kubeContext)] } });
    jobEnd(`${name}-end`, { job, jobName: "nacos-schema", namespace: args.namespace, kubeContext: args.kubeContext }, own);

    this.adminSecret = admin.metadata.name;
    this.registerOutputs({ adminSecret: this.adminSecret });
  }
}

function shippedContainer(image: string): k8s.types.input.core.v1.Container {
  return {
    name: "shipped",
    image,
    command: ["bash", "/scripts/copy-schema.sh"],
    resources: schemaFootprint().initContainers.shipped,
    securityContext: containerSecurity,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "scripts", mountPath: "/scripts", readOnly: true },
      { name: "schema", mountPath: "/schema" },
    ],
  };
}

function applyContainer({ mysqlImage, nacosVersion }: NacosSchemaJobArgs): k8s.types.input.core.v1.Container {
  return {
    name: "apply",
    image: mysqlImage,
    command: ["bash", "/scripts/apply-schema.sh"],
    env: [
      { name: "NACOS_VERSION", value: nacosVersion },
      { name: "NACOS_ADMIN", value: NACOS_ADMIN },
    ],
    resources: schemaFootprint().containers.apply,
    securityContext: containerSecurity,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "scripts", mountPath: "/scripts", readOnly: true },
      { name: "credentials", mountPath: "/credentials", readOnly: true },
      { name: "ca", mountPath: "/ca", readOnly: true },
      { name: "admin", mountPath: "/admin", readOnly: true },
      { name: "schema", mountPath: "/schema", readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
