import { cpuMilli, memoryBytes } from "../contract/quantity";

/** Resources of one container, in the shape that a container spec takes. */
export interface ContainerResources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

/**
 * What one workload asks of the namespace. Pod specs take their resources, replica counts and claim sizes from here,
 * so that what is checked against the quota is what is deployed.
 */
export interface WorkloadFootprint {
  /** Kind and name, as in messages: "StatefulSet/nacos". */
  readonly workload: string;
  readonly pods: number;
  /** Pods above `pods` during a rolling update. None for a StatefulSet: it deletes a pod before it makes the next. */
  readonly surgePods: number;
  readonly containers: Readonly<Record<string, ContainerResources>>;
  /** Run one after the other before the containers. */
  readonly initContainers: Readonly<Record<string, ContainerResources>>;
  /** Size of each claim that every pod gets from a claim template, in GiB. */
  readonly claimsGiB: readonly number[];
}

/** What a pod counts for against a quota. CPU in millicores, memory in bytes. */
export interface PodTotals {
  readonly requestsCpu: number;
  readonly requestsMemory: number;
  readonly limitsCpu: number;
  readonly limitsMemory: number;
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
    limitsCpu: total((r) => cpuMilli(r.limits.cpu)),
    limitsMemory: total((r) => memoryBytes(r.limits.memory)),
  };
}
