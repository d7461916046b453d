import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../../../kube/connections";
import { IDENTITIES, labels } from "../../../contract/identities";
import { randomPassword } from "../../../kube/password";

/** An S3-compatible object store. */
export interface OffsiteStore {
  /** "https://s3.example.com" */
  readonly endpoint: string;
  readonly region: string;
  /** A bucket that exists. */
  readonly bucket: string;
  /** Folder in the bucket, for this stack only. */
  readonly path: string;
  readonly accessKeyId: pulumi.Input<string>;
  readonly secretAccessKey: pulumi.Input<string>;
  /** Where network policies allow it: at these addresses, or in namespaces with all these labels. */
  readonly cidrs: readonly string[];
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

/** The port of a URL. */
export function portOf(url: string): number {
  const { protocol, port } = new URL(url);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

export interface OffsiteBackupArgs {
  readonly namespace: pulumi.Input<string>;
  readonly store: OffsiteStore;
  /** Whether Pulumi refuses to delete or replace the key. */
  readonly protect: boolean;
}

/**
 * Off-site backups and binary logs, for the pods that write or read them: their place in the object store, and the key
 * that encrypts everything before it leaves the cluster. Without the key they cannot be restored: keep Pulumi's state, or
 * the Secret, in another place than the object store.
 */
export class OffsiteBackup extends pulumi.ComponentResource {
  /** Secret with `password`, the encryption key. */
  readonly keySecret: pulumi.Output<string>;

  /** "https://s3.example.com/bucket/path" */
  readonly location: string;

  /** What pods that copy or fetch backups connect to. */
  readonly endpoint: Endpoint;

  private readonly store: OffsiteStore;
  private readonly accessSecret: pulumi.Output<string>;

  constructor(name: string, args: OffsiteBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:OffsiteBackup", name, {}, opts);

    const own = { parent: this };
    const metadata = { namespace: args.namespace, labels: labels(IDENTITIES.mysqlBackup) };
    const key = randomPassword(`${name}-key`, { ...own, protect: args.protect }, 48);
    this.store = args.store;
    const { endpoint, bucket, path, cidrs, namespaceLabels } = args.store;
    this.location = `${endpoint}/${bucket}/${path}`;
    this.endpoint = {
      name: "object-store",
      peers: [{ cidrs }, { namespaces: namespaceLabels }],
      ports: [portOf(endpoint)],
    };
    this.keySecret = new k8s.core.v1.Secret(
      `${name}-key-secret`,
      {
        metadata: { ...metadata, name: "mysql-backup-key" },
        stringData: { password: key.result },
      },
      own,
    ).metadata.name;
    this.accessSecret = new k8s.core.v1.Secret(
      `${name}-access-secret`,
      {
        metadata: { ...metadata, name: "mysql-backup-store" },
        stringData: {
          accessKeyId: pulumi.secret(args.store.accessKeyId),
          secretAccessKey: pulumi.secret(args.store.secretAccessKey),
        },
      },
      own,
    ).metadata.name;
    this.registerOutputs({ keySecret: this.keySecret });
  }

  /** Environment of a container that runs `outside.sh`. */
  get environment(): k8s.types.input.core.v1.EnvVar[] {
    const { endpoint, region, bucket, path } = this.store;
    return Object.entries({ S3_ENDPOINT: endpoint, S3_REGION: region, S3_BUCKET: bucket, S3_PATH: path }).map(
      ([name, value]) => ({ name, value }),
    );
  }

  get mounts(): k8s.types.input.core.v1.VolumeMount[] {
    return [
      { name: "offsite-store", mountPath: "/outside/s3", readOnly: true },
      { name: "offsite-key", mountPath: "/outside/key", readOnly: true },
      ...RCLONE_MOUNTS,
    ];
  }

  get volumes(): k8s.types.input.core.v1.Volume[] {
    return [
      { name: "offsite-store", secret: { secretName: this.accessSecret, defaultMode: 0o440 } },
      { name: "offsite-key", secret: { secretName: this.keySecret, defaultMode: 0o440 } },
      ...RCLONE_VOLUMES,
    ];
  }
}

/** rclone's configuration holds keys in plain text, so it is written to memory. */
export const RCLONE_VOLUMES: readonly k8s.types.input.core.v1.Volume[] = [
  { name: "rclone", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
];
export const RCLONE_MOUNTS: readonly k8s.types.input.core.v1.VolumeMount[] = [{ name: "rclone", mountPath: "/rclone" }];
