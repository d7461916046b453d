import { formatMemory, GIB, memoryBytes, MIB } from "../../../contract/quantity";
import type { Resources } from "../../../config/rules";
import { withDisk, type EmptyDirs } from "../../../kube/ephemeral-storage";
import type { ContainerResources, WorkloadFootprint } from "../../../kube/footprint";
import { bufferPoolMiB } from "../my-cnf";

/** Memory of a scratch instance in addition to its buffer pool, without performance_schema and for one client: 275 MiB were measured with MySQL 9.7. */
const THROWAWAY_BESIDES_MIB = 352;

export interface BackupsSizing {
  /** Resources of the scratch instance that a backup is restored into. Memory of at least 512Mi. */
  readonly scratch: Resources;
  /** Space for a backup, its binary logs and the restored data, in GiB, on the node's disk. */
  readonly scratchGiB: number;
  /** Size of the backup volume, in GiB. */
  readonly storageGiB: number;
  /** A class that exists. If `protect` is set, it has to retain its volumes. */
  readonly storageClass: string;
  /** Whether there are off-site backups. */
  readonly outside: boolean;
}

const DUMP: Resources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } };
const COPY: Resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } };
const TOOLS: Resources = {
  requests: { cpu: "50m", memory: "64Mi" },
  limits: { cpu: "500m", memory: "256Mi" },
};

/** It reads the whole dump. */
const SEAL: Resources = { requests: TOOLS.requests, limits: { ...TOOLS.limits, cpu: DUMP.limits.cpu } };

const TMP: EmptyDirs = { tmp: 64 };

/** The emptyDirs of a backup's pod, all of which each of its containers mounts. */
export const BACKUP_EMPTY_DIRS: EmptyDirs = { ...TMP, work: 256 };

/** The same of a verification and a restore. */
export function verificationEmptyDirs({ scratchGiB }: Pick<BackupsSizing, "scratchGiB">): EmptyDirs {
  return { ...TMP, work: (scratchGiB * GIB) / MIB };
}

const onDisk = (
  containers: Readonly<Record<string, Resources>>,
  emptyDirs: EmptyDirs,
  seldom?: number,
): Record<string, ContainerResources> =>
  Object.fromEntries(
    Object.entries(containers).map(([name, resources]) => [name, withDisk(resources, emptyDirs, seldom)]),
  );

/** It has one configuration at a time, of up to 10 Mi characters, in several forms. */
const PUBLISH: Resources = {
  requests: { ...TOOLS.requests, memory: "128Mi" },
  limits: { ...TOOLS.limits, memory: "512Mi" },
};

/** What a backup takes of the namespace's quota while it runs, and the backup volume's claim, which stays. */
export function backupFootprint({ outside, storageGiB, storageClass }: BackupsSizing): WorkloadFootprint {
  const workload = { workload: "CronJob/mysql-backup", pods: 1, surgePods: 0, claimsGiB: [storageGiB], storageClass };
  const steps = (containers: Readonly<Record<string, Resources>>) => onDisk(containers, BACKUP_EMPTY_DIRS);
  const first = { plan: TOOLS, registry: TOOLS, dump: DUMP };
  return outside
    ? {
        ...workload,
        initContainers: steps({ ...first, list: COPY, seal: SEAL }),
        containers: steps({ copy: COPY }),
      }
    : { ...workload, initContainers: steps(first), containers: steps({ seal: SEAL }) };
}

/** The steps of a verification and a restore up to the scratch instance. */
function verification(scratch: Resources): Record<string, Resources> {
  return { list: COPY, choose: TOOLS, fetch: COPY, prepare: TOOLS, prove: scratch };
}

/** A tenth of the space is requested: most databases are far smaller than it, and few nodes have all of it to spare. */
function inScratch(containers: Readonly<Record<string, Resources>>, sizing: BackupsSizing) {
  const emptyDirs = verificationEmptyDirs(sizing);
  return onDisk(containers, emptyDirs, Math.floor(emptyDirs.work * 0.9));
}

/** What a verification takes of the namespace's quota while it runs. */
export function verifyFootprint(sizing: BackupsSizing): WorkloadFootprint {
  return {
    workload: "CronJob/mysql-verify",
    pods: 1,
    surgePods: 0,
    initContainers: inScratch(verification(sizing.scratch), sizing),
    containers: inScratch({ verify: TOOLS }, sizing),
    claimsGiB: [],
  };
}

/** What a restore takes of the namespace's quota while it runs. */
export function restoreFootprint(sizing: BackupsSizing): WorkloadFootprint {
  return {
    workload: "CronJob/mysql-restore",
    pods: 1,
    surgePods: 0,
    initContainers: inScratch(
      { ...verification(sizing.scratch), judge: PUBLISH, load: sizing.scratch, publish: PUBLISH },
      sizing,
    ),
    containers: inScratch({ report: TOOLS }, sizing),
    claimsGiB: [],
  };
}

/** What a restore of Nacos' registry takes of the namespace's quota while it runs. */
export function registryRestoreFootprint(): WorkloadFootprint {
  return {
    workload: "CronJob/nacos-registry-restore",
    pods: 1,
    surgePods: 0,
    initContainers: onDisk({ list: COPY, choose: TOOLS, fetch: COPY }, BACKUP_EMPTY_DIRS),
    containers: onDisk({ registry: TOOLS }, BACKUP_EMPTY_DIRS),
    claimsGiB: [],
  };
}

/** InnoDB buffer pool of a scratch instance, in MiB. */
export function scratchPoolMiB({ limits }: Resources): number {
  const pool = bufferPoolMiB(memoryBytes(limits.memory), THROWAWAY_BESIDES_MIB);
  if (pool < 128)
    throw new Error(
      `a scratch instance with ${formatMemory(memoryBytes(limits.memory))} is too small: it needs at least ${formatMemory(512 * MIB)}`,
    );
  return pool;
}
