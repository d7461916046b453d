import { cpuMilli, memoryBytes } from "../contract/quantity";
import { cpu, everywhere, integer, memory, type PerEnvironment } from "./fields";
import { group } from "./groups";
import { requestsWithinLimits, type Resources, type Rule } from "./rules";
import { resources } from "./workload-fields";

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

export interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

type Defaults<T> = { readonly [K in keyof T]: PerEnvironment<T[K]> };

/** Keys for the ResourceQuota and the LimitRange of a namespace. */
export function namespaceLimits(defaults: {
  readonly quota: Defaults<Quota>;
  readonly containerMax: Defaults<Amounts>;
}) {
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
