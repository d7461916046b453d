import { GIB, MIB } from "../../config/quantity";

/**
 * Java's heap for a container's memory limit, in MiB: all but 1 GiB for metaspace, threads and gRPC's direct buffers,
 * but no less than half.
 */
export function heapMiB(memoryLimitBytes: number): number {
  return Math.floor(Math.max(memoryLimitBytes / 2, memoryLimitBytes - GIB) / MIB);
}
