import { cpuMilli, memoryBytes } from "../contract/quantity";
import { cpu, everywhere, integer, memory, type PerEnvironment } from "./fields";
import { group, mapping, type Shape } from "./groups";
import { requestsWithinLimits, type Resources, type Rule } from "./rules";
import { DNS_NAME, resources } from "./workload-fields";

/** ResourceQuota of a namespace. CPU and memory as Kubernetes writes them. */
export interface Quota {
  readonly requestsCpu: string;
  readonly requestsMemory: string;
  readonly limitsCpu: string;
  readonly limitsMemory: string;
  readonly pods: number;
  readonly persistentVolumeClaims: number;
  readonly storageGiB: number;
}

/** Objects that cost something outside the namespace. */
export interface ObjectQuota {
  readonly services: number;
  readonly loadBalancers: number;
  readonly nodePorts: number;
  /** By StorageClass. */
  readonly storageClasses: Readonly<Record<string, { readonly storageGiB: number }>>;
}

export interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

/** Largest limit of a container, as a multiple of its request. */
export interface Ratios {
  readonly cpu: number;
  readonly memory: number;
}

type Defaults<T> = { readonly [K in keyof T]: PerEnvironment<T[K]> };

/** Keys for the quota of objects that cost something outside the namespace. */
export const objectQuota = {
  services: integer({ description: "ResourceQuota `services`.", min: 1, max: 1000, default: everywhere(20) }),
  loadBalancers: integer({
    description: "ResourceQuota `services.loadbalancers`. The program itself has none by default.",
    min: 0,
    max: 100,
    default: everywhere(2),
  }),
  nodePorts: integer({
    description:
      "ResourceQuota `services.nodeports`, in ports. A load balancer takes one for each of its ports. The program itself has none by default.",
    min: 0,
    max: 1000,
    default: everywhere(10),
  }),
  storageClasses: mapping(
    {
      description: "ResourceQuota of single StorageClasses.",
      allowed: "names of StorageClasses",
      placeholder: "<class>",
      pattern: DNS_NAME,
      not: [],
    },
    group({
      storageGiB: integer({
        description: "ResourceQuota `<class>.storageclass.storage.k8s.io/requests.storage`, in GiB.",
        min: 0,
        max: 100_000,
      }),
    }),
  ),
};

/** Keys for the smallest requests, and the largest limits in comparison with the requests. */
export const containerRange = {
  containerMin: group({
    cpu: cpu({
      description: "LimitRange minimum of a container's CPU request.",
      min: "1m",
      max: "1",
      default: everywhere("10m"),
    }),
    memory: memory({
      description: "LimitRange minimum of a container's memory request.",
      min: "1Mi",
      max: "1Gi",
      default: everywhere("16Mi"),
    }),
  }),
  maxLimitRequestRatio: group({
    cpu: integer({
      description: "LimitRange maximum of a container's CPU limit, as a multiple of its request.",
      min: 1,
      max: 1000,
      default: everywhere(25),
    }),
    memory: integer({
      description: "LimitRange maximum of a container's memory limit, as a multiple of its request.",
      min: 1,
      max: 1000,
      default: everywhere(4),
    }),
  }),
};

/** Keys for the ResourceQuota and the LimitRange of a namespace. @param more keys of the quota */
export function namespaceLimits<S extends Shape>(
  defaults: { readonly quota: Defaults<Quota>; readonly containerMax: Defaults<Amounts> },
  more: S,
) {
  const { quota, containerMax } = defaults;
  return {
    quota: group({
      requestsCpu: cpu({
        description: "ResourceQuota `requests.cpu`.",
        min: "100m",
        max: "1000",
        default: quota.requestsCpu,
      }),
      requestsMemory: memory({
        description: "ResourceQuota `requests.memory`.",
        min: "256Mi",
        max: "4Ti",
        default: quota.requestsMemory,
      }),
      limitsCpu: cpu({
        description: "ResourceQuota `limits.cpu`.",
        min: "100m",
        max: "1000",
        default: quota.limitsCpu,
      }),
      limitsMemory: memory({
        description: "ResourceQuota `limits.memory`.",
        min: "256Mi",
        max: "4Ti",
        default: quota.limitsMemory,
      }),
      pods: integer({ description: "ResourceQuota `pods`.", min: 1, max: 1000, default: quota.pods }),
      persistentVolumeClaims: integer({
        description: "ResourceQuota `persistentvolumeclaims`.",
        min: 1,
        max: 1000,
        default: quota.persistentVolumeClaims,
      }),
      storageGiB: integer({
        description: "ResourceQuota `requests.storage`, in GiB.",
        min: 1,
        max: 100_000,
        default: quota.storageGiB,
      }),
      ...more,
    }),
    containerDefault: resources(
      "a container that sets none",
      { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "10m", memory: "16Mi" } },
      everywhere({ requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "200m", memory: "256Mi" } }),
    ),
    containerMax: group({
      cpu: cpu({
        description: "LimitRange maximum of a container's CPU limit.",
        min: "100m",
        max: "64",
        default: containerMax.cpu,
      }),
      memory: memory({
        description: "LimitRange maximum of a container's memory limit.",
        min: "128Mi",
        max: "256Gi",
        default: containerMax.memory,
      }),
    }),
  };
}

interface Limits {
  readonly containerDefault: Resources;
  readonly containerMax: Amounts;
}

/** Rules between these keys, below the path `base`. @param of undefined if the configuration has no such namespace */
export function namespaceLimitRules<C>(base: string, of: (config: C) => Limits | undefined): Rule<C>[] {
  return [
    ...requestsWithinLimits<C>(`${base}.containerDefault`, (config) => of(config)?.containerDefault),
    defaultWithinMaximum(base, "cpu", of),
    defaultWithinMaximum(base, "memory", of),
  ];
}

function defaultWithinMaximum<C>(
  base: string,
  resource: "cpu" | "memory",
  of: (config: C) => Limits | undefined,
): Rule<C> {
  const measure = resource === "cpu" ? cpuMilli : memoryBytes;
  return {
    path: `${base}.containerDefault.limits.${resource}`,
    uses: [`${base}.containerMax.${resource}`],
    judge: (config) => {
      const limits = of(config);
      if (limits === undefined) return undefined;
      const [limit, most] = [limits.containerDefault.limits[resource], limits.containerMax[resource]];
      if (measure(limit) <= measure(most)) return undefined;
      return { value: limit, allowed: `at most ${base}.containerMax.${resource}, which is ${most}`, use: most };
    },
  };
}
