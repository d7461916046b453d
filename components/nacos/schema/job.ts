import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { emptyDirVolumes, withDisk } from "../../../kube/ephemeral-storage";
import type { WorkloadFootprint } from "../../../kube/footprint";
import { NACOS_ADMIN } from "../../../contract/accounts";
import { IDENTITIES, labels } from "../../../contract/identities";
import { bundle, compressed } from "../../../kube/bundle";
import { mark } from "../../../kube/mark";
import { randomPassword } from "../../../kube/password";
import type { Endpoint } from "../../../kube/connections";
import { checksum, containerSecurity, podFile, type PodSettings } from "../../../kube/pod";
import { step } from "../../../kube/step";
import type { Transform } from "../../../kube/transform";
import { USERS } from "../../../contract/users";
import type { SeriesUpgrade } from "../fields";

const DEADLINE_SECONDS = 6 * 3600;

/** What a Job needs in order to work in Nacos' database. */
export interface SchemaAccessArgs {
  /** Dotted numbers: "2.5.1". */
  readonly nacosVersion: pulumi.Input<string>;
  /** Node.js 20 or newer. */
  readonly nodeImage: pulumi.Input<string>;
  /** Secret with `credentials.json` of an account that may create tables and columns. */
  readonly credentialsSecret: pulumi.Input<string>;
  /** ConfigMap with `ca.crt` of the server's CAs. */
  readonly caConfigMap: pulumi.Input<string>;
  /** The database that it connects to. The server's certificate contains the host. */
  readonly database: { readonly host: string; readonly port: number; readonly endpoint: Endpoint };
}

export interface NacosSchemaJobArgs extends SchemaAccessArgs {
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig, with which an update waits for the end of the Job. */
  readonly kubeContext: string;
  readonly pods: PodSettings;
  /** The same image that the servers get: the Job takes the schema from it. */
  readonly nacosImage: pulumi.Input<string>;
  /** Whether servers of 2.x and 3.x may run side by side after it. A single server is never beside another. */
  readonly seriesUpgrade: SeriesUpgrade;
  /** Whether Pulumi refuses to delete or replace the administrator's password. */
  readonly protect: boolean;
  /** Changes to the Job, see {@link Transform}. */
  readonly transform?: Transform<k8s.batch.v1.JobArgs>;
}

/** For the schema of the image. */
const EMPTY_DIRS = { schema: 16 };

/** What the Job takes of the namespace's quota while it runs. */
export function schemaFootprint(): WorkloadFootprint {
  const small = withDisk(
    { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "192Mi" } },
    EMPTY_DIRS,
  );
  return {
    workload: "Job/nacos-schema",
    pods: 1,
    surgePods: 0,
    containers: { apply: small },
    initContainers: { shipped: small },
    claimsGiB: [],
  };
}

/**
 * Brings the database to the schema of the Nacos version that is deployed, and creates Nacos' administrator. The Job runs
 * once for each image, program or password, and changes nothing if it is repeated. If the database has a newer schema, or an
 * unrecorded schema that does not match, the Job changes nothing and the update fails with the reason.
 *
 * Nacos depends on it, so the administrator exists before the first server starts.
 */
export class NacosSchemaJob extends pulumi.ComponentResource {
  /** Secret with `username`, `password` of Nacos' administrator, and the `passwordHash` that is in the database. */
  readonly adminSecret: pulumi.Output<string>;
  /** ConfigMap with the program, `schema.js`. */
  readonly code: pulumi.Output<string>;
  /** Changes with the program. */
  readonly mark: pulumi.Output<string>;

  constructor(name: string, args: NacosSchemaJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:nacos:SchemaJob", name, {}, opts);

    const own = { parent: this };
    const metadata = { namespace: args.namespace, labels: labels(IDENTITIES.schema) };
    const password = randomPassword(`${name}-admin-password`, { ...own, protect: args.protect });
    const admin = new k8s.core.v1.Secret(
      `${name}-admin`,
      {
        metadata: { ...metadata, name: "nacos-admin" },
        stringData: { username: NACOS_ADMIN, password: password.result, passwordHash: password.bcryptHash },
      },
      own,
    );
    const copy = podFile(__dirname, "scripts", "copy-schema.sh");
    const program = pulumi.output(bundle(join(__dirname, "..", "..", "..", "runtime", "nacos-schema", "main.ts")));
    const { data, binaryData } = program.apply((text) => compressed("schema", text));
    const code = new k8s.core.v1.ConfigMap(
      `${name}-scripts`,
      {
        metadata: { ...metadata, name: "nacos-schema-scripts" },
        data: data.apply((start) => ({ "copy-schema.sh": copy, ...start })),
        binaryData,
      },
      own,
    );
    this.code = code.metadata.name;
    this.mark = program.apply((text) => checksum(copy, text));
    step(
      name,
      {
        ...args,
        name: "nacos-schema",
        identity: IDENTITIES.schema,
        uid: USERS.node,
        // MySQL copies large tables when their character set changes. If it is interrupted, the copy starts again.
        deadlineSeconds: DEADLINE_SECONDS,
        to: [args.database.endpoint],
        marks: {
          "nacos-platform/config": this.mark,
          // Another password has to get into the database.
          "nacos-platform/administrator": mark(`${name}-admin-mark`, { password: password.result }, own),
        },
        pod: {
          initContainers: [shippedContainer(args.nacosImage)],
          containers: [this.container(args)],
          volumes: [
            ...applyVolumes(this.code, args),
            {
              name: "admin",
              secret: {
                secretName: admin.metadata.name,
                defaultMode: 0o440,
                items: [{ key: "passwordHash", path: "passwordHash" }],
              },
            },
            ...emptyDirVolumes(EMPTY_DIRS),
          ],
        },
      },
      own,
    );

    this.adminSecret = admin.metadata.name;
    this.registerOutputs({ adminSecret: this.adminSecret });
  }

  private container(args: NacosSchemaJobArgs): k8s.types.input.core.v1.Container {
    return applyContainer(args, [], ["code", "credentials", "ca", "admin", "schema"], {
      NACOS_ADMIN,
      SERIES_UPGRADE: args.seriesUpgrade,
    });
  }
}

function shippedContainer(image: pulumi.Input<string>): k8s.types.input.core.v1.Container {
  return {
    name: "shipped",
    image,
    command: ["bash", "/code/copy-schema.sh"],
    resources: schemaFootprint().initContainers.shipped,
    securityContext: containerSecurity,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "code", mountPath: "/code", readOnly: true },
      { name: "schema", mountPath: "/schema" },
    ],
  };
}

/** The files with which {@link applyContainer} reaches the database. @param code ConfigMap with the program */
export function applyVolumes(
  code: pulumi.Input<string>,
  { credentialsSecret, caConfigMap }: SchemaAccessArgs,
): k8s.types.input.core.v1.Volume[] {
  return [
    { name: "code", configMap: { name: code } },
    { name: "credentials", secret: { secretName: credentialsSecret, defaultMode: 0o440 } },
    { name: "ca", configMap: { name: caConfigMap } },
  ];
}

/** Runs the program. @param volumes names of those that it reads */
export function applyContainer(
  { nodeImage, nacosVersion, database }: SchemaAccessArgs,
  words: readonly string[],
  volumes: readonly string[],
  more: Readonly<Record<string, pulumi.Input<string>>> = {},
): k8s.types.input.core.v1.Container {
  const environment = {
    NACOS_VERSION: nacosVersion,
    MYSQL_HOST: database.host,
    MYSQL_PORT: String(database.port),
    ...more,
  };
  return {
    name: "apply",
    image: nodeImage,
    command: ["node", "/code/schema.js", ...words],
    env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    resources: schemaFootprint().containers.apply,
    securityContext: containerSecurity,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: volumes.map((volume) => ({ name: volume, mountPath: `/${volume}`, readOnly: true })),
  };
}
