import { MIB } from "../../contract/quantity";

/** How a Nacos container's memory limit is divided, in MiB. Each part but the last is a limit of the JVM's own. */
export interface NacosMemory {
  readonly heap: number;
  /** Buffers outside the heap: what gRPC reads and writes. */
  readonly direct: number;
  /** Classes. */
  readonly metaspace: number;
  /** Compiled methods. */
  readonly codeCache: number;
  /** What no option limits: threads' stacks, the garbage collector's tables, RocksDB, the JVM itself. */
  readonly other: number;
}

// What Nacos 3.1 with its console needs whatever the limit is, measured with 100 clients on a heap of 336 MiB: 105 MiB for
// classes, 35 for compiled methods, 10 for buffers, 340 for the rest. Of these RocksDB takes 160, 16 for each of two column
// families in each of five Raft groups, and no property of Nacos' makes it less.
const LEAST_METASPACE = 160;
const LEAST_CODE_CACHE = 96;
const LEAST_OTHER = 320;

/** The smallest memory limit, in MiB: it leaves a heap of 288 MiB. */
export const LEAST_NACOS_MEMORY_MIB = 960;

/**
 * Divides a container's memory limit so that the parts never add up to more. Without a limit of its own direct memory
 * may grow as large as the heap, and the kernel then ends a server that lacks nothing but a few buffers.
 *
 * Classes get a twelfth, and compiled methods a twenty-fourth, or what Nacos needs if that is more; what these and the rest
 * leave becomes heap (3/4) and direct memory (1/8); the last eighth is for what grows with the heap.
 *
 * @throws RangeError below {@link LEAST_NACOS_MEMORY_MIB}, which the configuration refuses.
 */
export function nacosMemory(limitBytes: number): NacosMemory {
  const limit = Math.floor(limitBytes / MIB);
  if (limit < LEAST_NACOS_MEMORY_MIB) throw new RangeError(`${limit}Mi is too small for Nacos: at least ${LEAST_NACOS_MEMORY_MIB}Mi`);
  const metaspace = Math.max(LEAST_METASPACE, Math.floor(limit / 12));
  const codeCache = Math.max(LEAST_CODE_CACHE, Math.floor(limit / 24));
  const divided = limit - metaspace - codeCache - LEAST_OTHER;
  const heap = Math.floor((divided * 3) / 4);
  const direct = Math.floor(divided / 8);
  return { heap, direct, metaspace, codeCache, other: limit - heap - direct - metaspace - codeCache };
}
