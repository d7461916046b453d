import { MIB } from "../../contract/quantity";

/** How a Nacos container's memory limit is divided, in MiB. The JVM limits each part except the last. */
export interface NacosMemory {
  readonly heap: number;
  /** Buffers that are not on the heap: what gRPC reads and writes. */
  readonly direct: number;
  /** Classes. */
  readonly metaspace: number;
  /** Compiled methods. */
  readonly codeCache: number;
  /** What no option limits: stacks of threads, tables of the garbage collector, RocksDB, the JVM itself. */
  readonly other: number;
}

// Minimum for any limit. Measured with Nacos 3.1 and its console, with 100 clients on a heap of 336 MiB: 105 MiB for
// classes, 35 for compiled methods, 10 for buffers, 340 for the rest. Of the rest, RocksDB takes 160: 16 for each of two
// column families in each of five Raft groups. No property of Nacos lowers this.
const LEAST_METASPACE = 160;
const LEAST_CODE_CACHE = 96;
const LEAST_OTHER = 320;

/** The smallest memory limit, in MiB. It leaves a heap of 288 MiB. */
export const LEAST_NACOS_MEMORY_MIB = 960;

/**
 * Divides a container's memory limit so that the parts never add up to more. Without a separate limit, direct memory may
 * grow as large as the heap. The kernel would then kill a server that is short of a few buffers only.
 *
 * Classes get 1/12 of the limit and compiled methods 1/24, or what Nacos needs if that is more. Of what remains after these
 * and `other`, 3/4 are heap and 1/8 is direct memory; the last 1/8 is for what grows with the heap.
 *
 * @throws RangeError below {@link LEAST_NACOS_MEMORY_MIB}, which the configuration refuses.
 */
export function nacosMemory(limitBytes: number): NacosMemory {
  const limit = Math.floor(limitBytes / MIB);
  if (limit < LEAST_NACOS_MEMORY_MIB)
    throw new RangeError(`${limit}Mi is too small for Nacos: at least ${LEAST_NACOS_MEMORY_MIB}Mi`);
  const metaspace = Math.max(LEAST_METASPACE, Math.floor(limit / 12));
  const codeCache = Math.max(LEAST_CODE_CACHE, Math.floor(limit / 24));
  const divided = limit - metaspace - codeCache - LEAST_OTHER;
  const heap = Math.floor((divided * 3) / 4);
  const direct = Math.floor(divided / 8);
  return { heap, direct, metaspace, codeCache, other: limit - heap - direct - metaspace - codeCache };
}
