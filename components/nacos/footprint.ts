import type { Resources } from "../../config/rules";
import { GIB, memoryBytes, MIB } from "../../contract/quantity";
import { withDisk, type EmptyDirs } from "../../kube/ephemeral-storage";
import type { WorkloadFootprint } from "../../kube/footprint";
import { mostServers, type NacosCount } from "./autoscaling-config";
import { MEMBERS_RESOURCES } from "./members";
import { nacosMemory } from "./memory";

export interface NacosSizing extends NacosCount {
  readonly resources: Resources;
  /** Size of each server's claim, in GiB. Claims can grow and never become smaller, see claims.ts. */
  readonly storageGiB: number;
  /** A class that exists. If `protect` is set, it has to retain its volumes. */
  readonly storageClass: string;
}

/** A heap dump is larger than the heap. @param heap in MiB */
const heapDump = (heap: number): number => heap + GIB / MIB;

/** The server's emptyDirs. @param heap in MiB */
export function nacosEmptyDirs(heap: number): EmptyDirs {
  return {
    conf: 32,
    // One heap dump, and the garbage collector's log, which Java 8 limits to 1000 MiB. All other logs go to standard output.
    logs: heapDump(heap) + GIB / MIB,
    // 2.x writes a heartbeat here, and logs an error every 10 s if it cannot.
    status: 1,
    // RocksDB and Netty unpack and load their libraries here, so it must allow execution.
    tmp: 512,
  };
}

/** What Nacos takes of the namespace's quota, with as many servers as there may be. */
export function nacosFootprint({ resources, storageGiB, storageClass, ...count }: NacosSizing): WorkloadFootprint {
  const { heap } = nacosMemory(memoryBytes(resources.limits.memory));
  const emptyDirs = nacosEmptyDirs(heap);
  const copying = { requests: { cpu: "50m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } };
  return {
    workload: "StatefulSet/nacos",
    pods: mostServers(count),
    surgePods: 0,
    containers: { nacos: withDisk(resources, emptyDirs, heapDump(heap)), members: MEMBERS_RESOURCES },
    initContainers: { conf: withDisk(copying, { conf: emptyDirs.conf }) },
    claimsGiB: [storageGiB],
    storageClass,
  };
}
