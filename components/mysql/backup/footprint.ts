import { formatMemory, memoryBytes, MIB } from "../../../contract/quantity";
import type { ContainerResources, WorkloadFootprint } from "../../../kube/footprint";
import { bufferPoolMiB } from "../my-cnf";

/** Memory of a scratch instance in addition to its buffer pool, without performance_schema and for one client: 275 MiB were measured with MySQL 9.7. */
const THROWAWAY_BESIDES_MIB = 352;

export interface BackupsSizing {
  /** Resources of the scratch instance that a backup is restored into. Memory of at least 512Mi. */
  readonly scratch: ContainerResources;
  /** Size of the backup volume, in GiB. */
  readonly storageGiB: number;
  /** A class that exists. If `protect` is set, it has to retain its volumes. */
  readonly storageClass: string;
  /** Whether there are off-site backups. */
  readonly outside: boolean;
}

const DUMP: ContainerResources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } };
const COPY: ContainerResources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } };
const TOOLS: ContainerResources = {
  requests: { cpu: "50m", memory: "64Mi" },
  limits: { cpu: "500m", memory: "256Mi" },
};

/** It reads the whole dump. */
const SEAL: ContainerResources = { requests: TOOLS.requests, limits: { ...TOOLS.limits, cpu: DUMP.limits.cpu } };

/** It has one configuration at a time, of up to 10 Mi characters, in several forms. */
const PUBLISH: ContainerResources = {
  requests: { ...TOOLS.requests, memory: "128Mi" },
  limits: { ...TOOLS.limits, memory: "512Mi" },
};

/** What a backup takes of the namespace's quota while it runs, and the backup volume's claim, which stays. */
export function backupFootprint({ outside, storageGiB, storageClass }: BackupsSizing): WorkloadFootprint {
  const workload = { workload: "CronJob/mysql-backup", pods: 1, surgePods: 0, claimsGiB: [storageGiB], storageClass };
  const first = { plan: TOOLS, dump: DUMP, registry: TOOLS };
  return outside
    ? { ...workload, initContainers: { ...first, list: COPY, seal: SEAL }, containers: { copy: COPY } }
    : { ...workload, initContainers: first, containers: { seal: SEAL } };
}

/** The steps of a verification and a restore up to the scratch instance. */
function verification(scratch: ContainerResources): Record<string, ContainerResources> {
  return { list: COPY, choose: TOOLS, fetch: COPY, prepare: TOOLS, prove: scratch };
}

/** What a verification takes of the namespace's quota while it runs. */
export function verifyFootprint({ scratch }: BackupsSizing): WorkloadFootprint {
  return {
    workload: "CronJob/mysql-verify",
    pods: 1,
    surgePods: 0,
    initContainers: verification(scratch),
    containers: { verify: TOOLS },
    claimsGiB: [],
  };
}

/** What a restore takes of the namespace's quota while it runs. */
export function restoreFootprint({ scratch }: BackupsSizing): WorkloadFootprint {
  return {
    workload: "CronJob/mysql-restore",
    pods: 1,
    surgePods: 0,
    initContainers: { ...verification(scratch), judge: PUBLISH, load: scratch, publish: PUBLISH },
    containers: { report: TOOLS },
    claimsGiB: [],
  };
}

/** What a restore of Nacos' registry takes of the namespace's quota while it runs. */
export function registryRestoreFootprint(): WorkloadFootprint {
  return {
    workload: "CronJob/nacos-registry-restore",
    pods: 1,
    surgePods: 0,
    initContainers: { list: COPY, choose: TOOLS, fetch: COPY },
    containers: { registry: TOOLS },
    claimsGiB: [],
  };
}

/** InnoDB buffer pool of a scratch instance, in MiB. */
export function scratchPoolMiB({ limits }: ContainerResources): number {
  const pool = bufferPoolMiB(memoryBytes(limits.memory), THROWAWAY_BESIDES_MIB);
  if (pool < 128)
    throw new Error(
      `a scratch instance with ${formatMemory(memoryBytes(limits.memory))} is too small: it needs at least ${formatMemory(512 * MIB)}`,
    );
  return pool;
}
