import type * as k8s from "@pulumi/kubernetes";
import type { Resources } from "../config/rules";
import { formatMemory, MIB } from "../contract/quantity";
import type { ContainerResources } from "./footprint";

/** Sizes of emptyDirs on the node's disk, in MiB, by name of the volume. */
export type EmptyDirs = Readonly<Record<string, number>>;

/**
 * Space for a container's log, in MiB. The kubelet rotates it: at 5 files of 10Mi by default, of 50Mi in some managed clusters. A
 * limit below that would end servers, and the kubelet gives them only a second.
 */
const LOG = { request: 64, limit: 256 };

/**
 * Resources of a container, with the disk of its node for its log and these emptyDirs.
 *
 * The request leaves out what is needed `seldom`: with a request of everything it might write, a pod would fit on few nodes. If a
 * node's disk fills up, the kubelet first evicts pods that use more than they request.
 *
 * @param seldom MiB of the emptyDirs
 */
export function withDisk(
  { requests, limits }: Resources,
  emptyDirs: EmptyDirs = {},
  seldom: number = 0,
): ContainerResources {
  const size = Object.values(emptyDirs).reduce((sum, mib) => sum + mib, 0);
  return {
    requests: { ...requests, "ephemeral-storage": formatMemory((LOG.request + size - seldom) * MIB) },
    limits: { ...limits, "ephemeral-storage": formatMemory((LOG.limit + size) * MIB) },
  };
}

/** The volumes of a pod. */
export function emptyDirVolumes(emptyDirs: EmptyDirs): k8s.types.input.core.v1.Volume[] {
  return Object.entries(emptyDirs).map(([name, mib]) => ({
    name,
    emptyDir: { sizeLimit: formatMemory(mib * MIB) },
  }));
}
