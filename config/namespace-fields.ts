import { cpu, diskSpace, everywhere, integer, memory, type PerEnvironment } from "./fields";
import { group, mapping, type Shape } from "./groups";
import { MEASURES, requestWithinLimit, type Resource, RESOURCES, type Rule } from "./rules";
import { amounts, DNS_NAME } from "./workload-fields";

/** ResourceQuota of a namespace. CPU, memory and ephemeral storage as Kubernetes writes them. */
export interface Quota {
  readonly requestsCpu: string;
  readonly requestsMemory: string;
  readonly requestsEphemeralStorage: string;
  readonly limitsCpu: string;
  readonly limitsMemory: string;
  readonly limitsEphemeralStorage: string;
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

export type Amounts = Readonly<Record<Resource, string>>;

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
    ephemeralStorage: diskSpace({
      description: "LimitRange minimum of a container's request for ephemeral storage.",
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
  const ofDefault = (set: "requests" | "limits") =>
    amounts(
      set,
      "a container that sets none",
      { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "10m", memory: "16Mi" } },
      everywhere({ requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "200m", memory: "256Mi" } }),
    );
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
      requestsEphemeralStorage: diskSpace({
        description: "ResourceQuota `requests.ephemeral-storage`.",
        min: "256Mi",
        max: "64Ti",
        default: quota.requestsEphemeralStorage,
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
      limitsEphemeralStorage: diskSpace({
        description: "ResourceQuota `limits.ephemeral-storage`.",
        min: "256Mi",
        max: "64Ti",
        default: quota.limitsEphemeralStorage,
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
    containerDefault: group({
      requests: group({
        ...ofDefault("requests"),
        ephemeralStorage: diskSpace({
          description: "Ephemeral storage request of a container that sets none.",
          min: "1Mi",
          max: "16Ti",
          default: everywhere("64Mi"),
        }),
      }),
      limits: group({
        ...ofDefault("limits"),
        ephemeralStorage: diskSpace({
          description:
            "Ephemeral storage limit of a container that sets none: its log, its root file system, and the emptyDirs of its pod. A pod that writes more is evicted.",
          min: "16Mi",
          max: "16Ti",
          default: everywhere("2Gi"),
        }),
      }),
    }),
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
      ephemeralStorage: diskSpace({
        description: "LimitRange maximum of a container's limit for ephemeral storage.",
        min: "1Gi",
        max: "16Ti",
        default: containerMax.ephemeralStorage,
      }),
    }),
  };
}

interface Limits {
  readonly containerDefault: { readonly requests: Amounts; readonly limits: Amounts };
  readonly containerMax: Amounts;
}

/** Rules between these keys, below the path `base`. @param of undefined if the configuration has no such namespace */
export function namespaceLimitRules<C>(base: string, of: (config: C) => Limits | undefined): Rule<C>[] {
  return [
    ...RESOURCES.map((resource) =>
      requestWithinLimit(`${base}.containerDefault`, resource, (config: C) => of(config)?.containerDefault),
    ),
    ...RESOURCES.map((resource) => defaultWithinMaximum(base, resource, of)),
  ];
}

function defaultWithinMaximum<C>(base: string, resource: Resource, of: (config: C) => Limits | undefined): Rule<C> {
  const measure = MEASURES[resource];
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
