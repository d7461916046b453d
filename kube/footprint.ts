import { cpuMilli, memoryBytes } from "../contract/quantity";

/** Resources of one container, in the shape that a container spec takes. */
export interface ContainerResources {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

type ResourceList = Readonly<Record<"cpu" | "memory" | "ephemeral-storage", string>>;

/**
 * What one workload takes of the namespace's quota. Pod specs get their resources, replica counts and claim sizes from here,
 * so that the values that are checked against the quota are those that are deployed.
 */
export interface WorkloadFootprint {
  /** Kind and name, as in messages: "StatefulSet/nacos". */
  readonly workload: string;
  readonly pods: number;
  /** Pods in addition to `pods` during a rolling update. None for a StatefulSet: it deletes a pod before it creates the next. */
  readonly surgePods: number;
  readonly containers: Readonly<Record<string, ContainerResources>>;
  /** Containers that run one after the other, before the others. */
  readonly initContainers: Readonly<Record<string, ContainerResources>>;
  /** Sizes of the claims that each pod gets from claim templates, in GiB. */
  readonly claimsGiB: readonly number[];
  /** StorageClass of the claims; absent if there are none. */
  readonly storageClass?: string;
}

/** What one pod takes of a quota. CPU in millicores, memory and ephemeral storage in bytes. */
export interface PodTotals {
  readonly requestsCpu: number;
  readonly requestsMemory: number;
  readonly requestsEphemeralStorage: number;
  readonly limitsCpu: number;
  readonly limitsMemory: number;
  readonly limitsEphemeralStorage: number;
}

/** The larger of the containers' sum and the largest init container, resource by resource, as Kubernetes counts. */
export function podTotals(footprint: WorkloadFootprint): PodTotals {
  const total = (measure: (r: ContainerResources) => number): number => {
    const together = Object.values(footprint.containers).reduce((sum, r) => sum + measure(r), 0);
    return Math.max(together, ...Object.values(footprint.initContainers).map(measure));
  };
  return {
    requestsCpu: total((r) => cpuMilli(r.requests.cpu)),
    requestsMemory: total((r) => memoryBytes(r.requests.memory)),
    requestsEphemeralStorage: total((r) => memoryBytes(r.requests["ephemeral-storage"])),
    limitsCpu: total((r) => cpuMilli(r.limits.cpu)),
    limitsMemory: total((r) => memoryBytes(r.limits.memory)),
    limitsEphemeralStorage: total((r) => memoryBytes(r.limits["ephemeral-storage"])),
  };
}
