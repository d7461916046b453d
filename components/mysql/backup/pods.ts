import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { REHEARSAL_DATABASE } from "../../../contract/accounts";
import { emptyDirVolumes } from "../../../kube/ephemeral-storage";
import type { ContainerResources } from "../../../kube/footprint";
import { containerSecurity } from "../../../kube/pod";
import {
  BACKUP_EMPTY_DIRS,
  backupFootprint,
  registryRestoreFootprint,
  restoreFootprint,
  scratchPoolMiB,
  verificationEmptyDirs,
  verifyFootprint,
  type BackupsSizing,
} from "./footprint";
import { RCLONE_MOUNTS, RCLONE_VOLUMES, type OffsiteBackup } from "./offsite-backup";

type Container = k8s.types.input.core.v1.Container;
type Mount = k8s.types.input.core.v1.VolumeMount;
type Volume = k8s.types.input.core.v1.Volume;

/** How a step asks Nacos, as one of its servers asks another. */
export interface NacosAccess {
  /** Of the Service. */
  readonly host: string;
  /** Of the headless Service, which has the addresses of all servers. */
  readonly servers: string;
  /** Version that is deployed: "3.1.2". */
  readonly version: string;
  /** Secret with `identityKey` and `identityValue`. */
  readonly identitySecret: string;
}

export interface StepsArgs extends BackupsSizing {
  readonly images: Readonly<Record<"mysql" | "node" | "rclone", pulumi.Input<string>>>;
  /** The servers, each host:port. */
  readonly servers: readonly string[];
  /** Whether the stack runs the servers. Then backups may lock them, and the servers copy their binary logs to `copy`. */
  readonly own: boolean;
  /** The primary, host:port. */
  readonly primary: string;
  readonly copy?: OffsiteBackup;
  readonly retention: { readonly count: number; readonly days: number };
  readonly deadlineSeconds: number;
  /** How old the newest backup may be. */
  readonly maxAgeHours: number;
  /** ConfigMaps with the scripts, with `main.js` and with `ca.crt`. */
  readonly scripts: pulumi.Input<string>;
  readonly tools: pulumi.Input<string>;
  readonly caConfigMap: pulumi.Input<string>;
  /** Secrets with `client.cnf` and `credentials.json`: of the account that may read everything, and of the account that may write everything. */
  readonly backupCredentials: pulumi.Input<string>;
  readonly restoreCredentials: pulumi.Input<string>;
  /** The Nacos that uses the databases, and whose registry is in the backups. */
  readonly nacos: NacosAccess;
  /** PersistentVolumeClaim of the backup volume. */
  readonly claim: pulumi.Input<string>;
}

/** Backups skip a replica with a larger lag. */
const MAX_LAG_SECONDS = 60;
/** How long the export of Nacos' registry may take, on which the dump must not depend. */
const REGISTRY_SECONDS = 300;

/** The containers of a pod, and the volumes that they mount. */
export type Steps = Pick<k8s.types.input.core.v1.PodSpec, "initContainers" | "volumes"> & {
  readonly containers: Container[];
  /** A container whose failure ends the Job: a retry would only repeat what the steps before it have done. */
  readonly mayNotFail?: string;
};

/**
 * Plans the dump, exports Nacos' registry, dumps, and completes the backup on the backup volume. If there are off-site backups,
 * lists those first, so that the steps that remove old backups know both, and finally copies the backup. A restore chooses a
 * backup by the time of its dump, so the registry must not be newer than that.
 */
export function backupSteps(args: StepsArgs): Steps {
  const { containers, initContainers } = backupFootprint(args);
  const retention = {
    KEEP_COUNT: String(args.retention.count),
    KEEP_DAYS: String(args.retention.days),
    DEADLINE_MINUTES: String(args.deadlineSeconds / 60),
  };
  const plan = tool(args, "plan", "plan-dump", initContainers.plan, {
    env: {
      MYSQL_SERVERS: args.servers.join(" "),
      MAX_LAG_SECONDS: String(MAX_LAG_SECONDS),
      AGREEMENT: args.own ? "lock" : "quiet",
      ...retention,
    },
    mounts: [STORE, ...MYSQL_CLIENT],
  });
  const dump = step("dump", args.images.mysql, ["bash", "/scripts/dump.sh"], initContainers.dump, {
    mounts: [STORE, WORK, ...MYSQL_CLIENT],
  });
  const registry = tool(args, "registry", "registry", initContainers.registry, {
    env: { ...registryEnv(args), LIMIT_SECONDS: String(Math.min(REGISTRY_SECONDS, args.deadlineSeconds / 4)) },
    mounts: [STORE, IDENTITY],
  });
  const seal = tool(args, "seal", "seal", initContainers.seal ?? containers.seal, { env: retention, mounts: [STORE] });
  const volumes = [
    ...common(args),
    store(args.claim),
    ...emptyDirVolumes(BACKUP_EMPTY_DIRS),
    ...client(args.backupCredentials, args),
    identity(args.nacos),
  ];
  if (args.copy === undefined) return { initContainers: [plan, registry, dump], containers: [seal], volumes };
  const copy = step("copy", args.images.rclone, ["sh", "/scripts/copy-out.sh"], containers.copy, {
    more: args.copy.environment,
    mounts: [{ ...STORE, readOnly: true }, WORK, ...args.copy.mounts],
  });
  return {
    initContainers: [list(args, args.copy, initContainers.list), plan, registry, dump, seal],
    containers: [copy],
    mayNotFail: "copy",
    volumes: [...volumes, ...args.copy.volumes],
  };
}

/** Fetches a backup, plans, restores into a scratch instance, reports. Only the report decides if the pod fails. */
export function verifySteps(args: StepsArgs): Steps {
  const { containers, initContainers } = verifyFootprint(args);
  const limits = {
    MAX_AGE_SECONDS: String(args.maxAgeHours * 3600),
    ...(args.copy === undefined || !args.own ? {} : { COPYING_SERVERS: args.servers.map(podOf).join(" ") }),
  };
  return {
    initContainers: verification(args, initContainers, {}, limits),
    containers: [tool(args, "verify", "verify", containers.verify, { mounts: [STORE] })],
    volumes: [...common(args), ...verificationVolumes(args), store(args.claim)],
  };
}

/**
 * The same up to the scratch instance. Then evaluates it and the primary, loads the data into the primary if both are good, or
 * publishes configurations, and reports. `ops mysql restore` and `ops nacos restore` set the empty values.
 */
export function restoreSteps(args: StepsArgs): Steps {
  const { containers, initContainers } = restoreFootprint(args);
  const configurations = { CONFIGURATIONS_OF: "", GROUP: "", DATA_ID: "" };
  const live = { PRIMARY: args.primary, ...nacosEnv(args) };
  return {
    initContainers: [
      ...verification(args, initContainers, { UNTIL_NAME: "" }, { UNTIL: "", ...configurations }),
      tool(args, "judge", "judge", initContainers.judge, {
        env: { MODE: "plan", SUFFIX: "", ...configurations, ...live },
        mounts: [...MYSQL_CLIENT, IDENTITY],
      }),
      step("load", args.images.mysql, ["bash", "/scripts/load.sh"], initContainers.load, {
        env: scratchEnv(args),
        mounts: [WORK, ...MYSQL_CLIENT],
      }),
      tool(args, "publish", "publish", initContainers.publish, { env: live, mounts: [...MYSQL_CLIENT, IDENTITY] }),
    ],
    containers: [tool(args, "report", "report", containers.report, {})],
    // With off-site backups a restore does not mount the backup volume, which may be lost together with the servers.
    volumes: [
      ...common(args),
      ...verificationVolumes(args),
      ...(args.copy === undefined ? [store(args.claim)] : []),
      ...client(args.restoreCredentials, args),
      identity(args.nacos),
    ],
  };
}

/**
 * Fetches the registry of a backup, and gives Nacos what it lacks of it. `ops mysql restore` sets the empty value and the
 * mode.
 */
export function registryRestoreSteps(args: StepsArgs): Steps {
  const { containers, initContainers } = registryRestoreFootprint();
  return {
    initContainers: choice(args, initContainers, { UNTIL_NAME: "" }, { FILES: "manifest.json registry.json.gz" }),
    containers: [
      tool(args, "registry", "restore-registry", containers.registry, {
        env: { MODE: "plan", ...registryEnv(args) },
        mounts: [IDENTITY],
      }),
    ],
    volumes: [
      ...common(args),
      ...emptyDirVolumes(BACKUP_EMPTY_DIRS),
      ...(args.copy?.volumes ?? [...RCLONE_VOLUMES, store(args.claim)]),
      identity(args.nacos),
    ],
  };
}

/** The steps that verification and restore have in common. @param choice and `limits`: environment of the steps that choose and that plan */
function verification(
  args: StepsArgs,
  resources: Readonly<Record<string, ContainerResources>>,
  until: Readonly<Record<string, string>>,
  limits: Readonly<Record<string, string>>,
): Container[] {
  return [
    ...choice(args, resources, until, {}),
    tool(args, "prepare", "prepare", resources.prepare, { env: limits }),
    step("prove", args.images.mysql, ["bash", "/scripts/prove.sh"], resources.prove, {
      env: scratchEnv(args),
      mounts: [WORK],
    }),
  ];
}

/** The steps that choose a backup and fetch it. @param until and `files`: environment of the step that chooses and that fetches */
function choice(
  args: StepsArgs,
  resources: Readonly<Record<string, ContainerResources>>,
  until: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Container[] {
  const { env, ...read } = reader(args, args.copy);
  return [
    list(args, args.copy, resources.list),
    tool(args, "choose", "choose", resources.choose, {
      env: { PLACE: placeOf(args), BACKUP_DEADLINE_SECONDS: String(args.deadlineSeconds), ...until },
    }),
    step("fetch", args.images.rclone, ["sh", "/scripts/fetch.sh"], resources.fetch, {
      ...read,
      env: { ...env, ...files },
    }),
  ];
}

const STORE: Mount = { name: "store", mountPath: "/backups" };
const WORK: Mount = { name: "work", mountPath: "/work" };
const IDENTITY: Mount = { name: "identity", mountPath: "/identity", readOnly: true };
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

function list(args: StepsArgs, copy: OffsiteBackup | undefined, resources: ContainerResources): Container {
  return step("list", args.images.rclone, ["sh", "/scripts/list.sh"], resources, reader(args, copy));
}

/** A step that reads backups where they are. */
function reader(args: StepsArgs, copy: OffsiteBackup | undefined): StepOptions {
  return {
    env: { PLACE: placeOf(args) },
    more: copy?.environment,
    mounts: [WORK, ...(copy === undefined ? [{ ...STORE, readOnly: true }, ...RCLONE_MOUNTS] : copy.mounts)],
  };
}

/** @param server host:port of a server of the stack */
function podOf(server: string): string {
  return server.split(".")[0];
}

function placeOf({ copy }: StepsArgs): "outside" | "volume" {
  return copy === undefined ? "volume" : "outside";
}

/** A step in Node.js. @param action of `main.js` */
function tool(
  args: StepsArgs,
  name: string,
  action: string,
  resources: ContainerResources,
  { env, mounts = [] }: StepOptions,
): Container {
  return step(name, args.images.node, ["node", "/tools/main.js", action], resources, {
    env,
    mounts: [WORK, { name: "tools", mountPath: "/tools", readOnly: true }, ...mounts],
  });
}

function scratchEnv({ scratch }: StepsArgs): Record<string, string> {
  return { BUFFER_POOL_MIB: String(scratchPoolMiB(scratch)), REHEARSAL_DATABASE };
}

function common({ scripts, tools }: StepsArgs): Volume[] {
  return [
    { name: "scripts", configMap: { name: scripts } },
    { name: "tools", configMap: { name: tools } },
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

function nacosEnv({ nacos }: StepsArgs): Record<string, string> {
  return { NACOS_HOST: nacos.host, NACOS_VERSION: nacos.version };
}

/** The registry is read from one server, not through the Service. */
function registryEnv({ nacos }: StepsArgs): Record<string, string> {
  return { NACOS_SERVERS: nacos.servers, NACOS_VERSION: nacos.version };
}

/** Optional, because backups are made before there is a Nacos. */
function identity({ identitySecret }: NacosAccess): Volume {
  const items = ["identityKey", "identityValue"].map((key) => ({ key, path: key }));
  return { name: "identity", secret: { secretName: identitySecret, defaultMode: 0o440, items, optional: true } };
}

function verificationVolumes(args: StepsArgs): Volume[] {
  return [...emptyDirVolumes(verificationEmptyDirs(args)), ...(args.copy?.volumes ?? RCLONE_VOLUMES)];
}
