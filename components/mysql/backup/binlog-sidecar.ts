import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { SIDECARS } from "../../../contract/objects";
import { emptyDirVolumes, withDisk } from "../../../kube/ephemeral-storage";
import { containerSecurity, podFile } from "../../../kube/pod";
import { MYSQL_PATHS } from "../my-cnf";
import type { OffsiteBackup } from "./offsite-backup";

export interface BinlogSidecarArgs {
  /** rclone 1.60 or newer. */
  readonly image: pulumi.Input<string>;
  readonly outside: OffsiteBackup;
  /** ConfigMap with {@link BINLOG_SCRIPTS}. */
  readonly scripts: pulumi.Input<string>;
}

export interface BinlogSidecar {
  /** For the pod's `initContainers`: a sidecar, which starts before the server and ends after it. */
  readonly container: k8s.types.input.core.v1.Container;
  /** Volumes of the sidecar, in addition to `data` of the server's pod. */
  readonly volumes: readonly k8s.types.input.core.v1.Volume[];
}

/** The container's files, by name. A change of them rolls the servers. */
export const BINLOG_SCRIPTS: Readonly<Record<string, string>> = Object.fromEntries(
  ["outside.sh", "ship-binlogs.sh"].map((file) => [file, podFile(__dirname, "scripts", file)]),
);

const EMPTY_DIRS = { "binlog-tmp": 64 };

/** Resources of the container, in addition to those of the pod's other containers. */
export const BINLOG_SIDECAR_RESOURCES = withDisk(
  { requests: { cpu: "20m", memory: "48Mi" }, limits: { cpu: "500m", memory: "192Mi" } },
  EMPTY_DIRS,
);

/** How often the sidecar looks for closed binary logs. */
const INTERVAL_SECONDS = 15;

/**
 * The container `binlogs` of a server's pod: copies each binary log that the server has closed to the object store. A
 * transaction can be restored from there only after its log was closed and copied, so the controller rotates the logs.
 */
export function binlogSidecar({ image, outside, scripts }: BinlogSidecarArgs): BinlogSidecar {
  return {
    container: {
      name: SIDECARS.binlogs,
      image,
      restartPolicy: "Always",
      command: ["sh", "/scripts/ship-binlogs.sh"],
      env: [
        ...outside.environment,
        { name: "INTERVAL_SECONDS", value: String(INTERVAL_SECONDS) },
        { name: "HOME", value: "/tmp" },
      ],
      resources: BINLOG_SIDECAR_RESOURCES,
      livenessProbe: {
        exec: { command: ["sh", "/scripts/ship-binlogs.sh", "alive"] },
        periodSeconds: 120,
        timeoutSeconds: 10,
        failureThreshold: 3,
      },
      securityContext: containerSecurity,
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: [
        { name: "data", mountPath: MYSQL_PATHS.volume, readOnly: true },
        { name: "binlog-scripts", mountPath: "/scripts", readOnly: true },
        { name: "binlog-tmp", mountPath: "/tmp" },
        ...outside.mounts,
      ],
    },
    volumes: [
      { name: "binlog-scripts", configMap: { name: scripts } },
      ...emptyDirVolumes(EMPTY_DIRS),
      ...outside.volumes,
    ],
  };
}
