import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerResources } from "../../../kube/footprint";
import { containerSecurity } from "../../../kube/pod";
import { backupFootprint, restoreFootprint, scratchPoolMiB, verifyFootprint, type BackupsSizing } from "./footprint";
import { RCLONE_MOUNTS, RCLONE_VOLUMES, type OffsiteBackup } from "./offsite-backup";

type Container = k8s.types.input.core.v1.Container;
type Mount = k8s.types.input.core.v1.VolumeMount;
type Volume = k8s.types.input.core.v1.Volume;

export interface StepsArgs extends BackupsSizing {
  readonly images: Readonly<Record<"mysql" | "node" | "rclone", pulumi.Input<string>>>;
  /** The servers, each host:port. */
  readonly servers: readonly string[];
  /** Whether the stack runs the servers. Then backups may lock them, and the servers copy their binary logs to `copy`. */
  readonly own: boolean;
  /** The primary, host:port. */
  readonly primary: string;
  readonly copy?: OffsiteBackup;
  readonly excludedDatabases: readonly string[];
  readonly retention: { readonly count: number; readonly days: number };
  readonly deadlineSeconds: number;
  /** How old the newest backup may be. */
  readonly maxAgeHours: number;
  /** Space for a backup, its binary logs and the restored data, in GiB, on the node's disk. */
  readonly scratchGiB: number;
  /** ConfigMaps with the scripts, with `main.js` and with `ca.crt`. */
  readonly scripts: pulumi.Input<string>;
  readonly tools: pulumi.Input<string>;
  readonly caConfigMap: pulumi.Input<string>;
  /** Secrets with `client.cnf`: of the account that may read everything, and of the account that may write everything. */
  readonly backupCredentials: pulumi.Input<string>;
  readonly restoreCredentials: pulumi.Input<string>;
  /** PersistentVolumeClaim of the backup volume. */
  readonly claim: pulumi.Input<string>;
}

/** Backups skip a replica with a larger lag. */
const MAX_LAG_SECONDS = 60;
/** How old the newest report of the servers on their binary logs may be. */
const MAX_LOG_SILENCE_SECONDS = 900;

/** The containers of a pod, and the volumes that they mount. */
export type Steps = Pick<k8s.types.input.core.v1.PodSpec, "initContainers" | "volumes"> & {
  readonly containers: Container[];
};

/** Dumps, then copies the dump off-site. */
export function backupSteps(args: StepsArgs): Steps {
  const { containers, initContainers } = backupFootprint(args);
  const dump = step("dump", args.images.mysql, ["bash", "/scripts/dump.sh"], initContainers.dump ?? containers.dump, {
    env: {
      MYSQL_SERVERS: args.servers.join(" "),
      EXCLUDED_DATABASES: args.excludedDatabases.join(" "),
      MAX_LAG_SECONDS: String(MAX_LAG_SECONDS),
      AGREEMENT: args.own ? "lock" : "quiet",
      DEADLINE_MINUTES: String(args.deadlineSeconds / 60),
      ...retentionEnv(args),
    },
    mounts: [STORE, ...MYSQL_CLIENT],
  });
  const volumes = [...common(args), store(args.claim), ...client(args.backupCredentials, args)];
  if (args.copy === undefined) return { initContainers: [], containers: [dump], volumes };
  const copy = step("copy", args.images.rclone, ["sh", "/scripts/copy-out.sh"], containers.copy, {
    env: retentionEnv(args),
    more: args.copy.environment,
    mounts: [STORE, ...args.copy.mounts],
  });
  return { initContainers: [dump], containers: [copy], volumes: [...volumes, ...args.copy.volumes] };
}

/** Fetches a backup, plans, restores into a scratch instance, reports. Only the report decides if the pod fails. */
export function verifySteps(args: StepsArgs): Steps {
  const { containers, initContainers } = verifyFootprint(args);
  const limits = {
    MAX_AGE_SECONDS: String(args.maxAgeHours * 3600),
    ...(args.copy === undefined || !args.own ? {} : { MAX_LOG_SILENCE_SECONDS: String(MAX_LOG_SILENCE_SECONDS) }),
  };
  return {
    initContainers: [
      fetch(args, initContainers.fetch, {}),
      tool(args, "prepare", initContainers.prepare, { env: limits }),
      prove(args, initContainers.prove),
    ],
    containers: [tool(args, "verify", containers.verify, { mounts: [STORE] })],
    volumes: [...common(args), ...proofVolumes(args), store(args.claim)],
  };
}

/** The same, then loads the data into the primary if the report is good. `ops mysql restore` sets the empty values. */
export function restoreSteps(args: StepsArgs): Steps {
  const { containers, initContainers } = restoreFootprint(args);
  return {
    initContainers: [
      fetch(args, initContainers.fetch, { UNTIL_NAME: "" }),
      tool(args, "prepare", initContainers.prepare, { env: { UNTIL: "" } }),
      prove(args, initContainers.prove),
      tool(args, "judge", initContainers.judge, {}),
    ],
    containers: [
      step("load", args.images.mysql, ["bash", "/scripts/load.sh"], containers.load, {
        env: { MODE: "plan", SUFFIX: "", PRIMARY: args.primary, ...scratchEnv(args) },
        mounts: [WORK, ...MYSQL_CLIENT],
      }),
    ],
    // With off-site backups a restore does not mount the backup volume, which may be lost together with the servers.
    volumes: [
      ...common(args),
      ...proofVolumes(args),
      ...(args.copy === undefined ? [store(args.claim)] : []),
      ...client(args.restoreCredentials, args),
    ],
  };
}

const STORE: Mount = { name: "store", mountPath: "/backups" };
const WORK: Mount = { name: "work", mountPath: "/work" };
const MYSQL_CLIENT: readonly Mount[] = [
  { name: "credentials", mountPath: "/credentials", readOnly: true },
  { name: "ca", mountPath: "/ca", readOnly: true },
];

interface StepOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly more?: readonly k8s.types.input.core.v1.EnvVar[];
  readonly mounts?: readonly Mount[];
}

function step(
  name: string,
  image: pulumi.Input<string>,
  command: string[],
  resources: ContainerResources,
  { env = {}, more = [], mounts = [] }: StepOptions,
): Container {
  return {
    name,
    image,
    command,
    env: [...Object.entries({ HOME: "/tmp", ...env }).map(([key, value]) => ({ name: key, value })), ...more],
    resources,
    securityContext: containerSecurity,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "scripts", mountPath: "/scripts", readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
      ...mounts,
    ],
  };
}

function fetch(args: StepsArgs, resources: ContainerResources, env: Readonly<Record<string, string>>): Container {
  const { copy } = args;
  return step("fetch", args.images.rclone, ["sh", "/scripts/fetch.sh"], resources, {
    env: {
      PLACE: copy === undefined ? "volume" : "outside",
      BACKUP_DEADLINE_SECONDS: String(args.deadlineSeconds),
      ...env,
    },
    more: copy?.environment,
    mounts: [WORK, ...(copy === undefined ? [{ ...STORE, readOnly: true }, ...RCLONE_MOUNTS] : copy.mounts)],
  });
}

function tool(
  args: StepsArgs,
  name: string,
  resources: ContainerResources,
  { env, mounts = [] }: StepOptions,
): Container {
  return step(name, args.images.node, ["node", "/tools/main.js", name], resources, {
    env,
    mounts: [WORK, { name: "tools", mountPath: "/tools", readOnly: true }, ...mounts],
  });
}

function prove(args: StepsArgs, resources: ContainerResources): Container {
  return step("prove", args.images.mysql, ["bash", "/scripts/prove.sh"], resources, {
    env: scratchEnv(args),
    mounts: [WORK],
  });
}

function scratchEnv({ scratch, excludedDatabases }: StepsArgs): Record<string, string> {
  return { BUFFER_POOL_MIB: String(scratchPoolMiB(scratch)), EXCLUDED_DATABASES: excludedDatabases.join(" ") };
}

function retentionEnv({ retention }: StepsArgs): Record<string, string> {
  return { KEEP_COUNT: String(retention.count), KEEP_DAYS: String(retention.days) };
}

function common({ scripts }: StepsArgs): Volume[] {
  return [
    { name: "scripts", configMap: { name: scripts } },
    { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
  ];
}

function store(claim: pulumi.Input<string>): Volume {
  return { name: "store", persistentVolumeClaim: { claimName: claim } };
}

function client(secretName: pulumi.Input<string>, { caConfigMap }: StepsArgs): Volume[] {
  return [
    { name: "credentials", secret: { secretName, defaultMode: 0o440 } },
    { name: "ca", configMap: { name: caConfigMap } },
  ];
}

function proofVolumes({ copy, tools, scratchGiB }: StepsArgs): Volume[] {
  return [
    { name: "work", emptyDir: { sizeLimit: `${scratchGiB}Gi` } },
    { name: "tools", configMap: { name: tools } },
    ...(copy?.volumes ?? RCLONE_VOLUMES),
  ];
}
