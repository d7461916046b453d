import { cidrs, cpu, everywhere, integer, labels, memory } from "../../config/fields";
import { group, type ValueOf } from "../../config/groups";
import { requestsWithinLimits, type Rule } from "../../config/rules";
import { resources } from "../../config/workload-fields";
import { cpuMilli, memoryBytes } from "../../contract/quantity";

/** Every key below `nacos-platform:tenancy`. */
export const tenancy = group({
  quota: group({
    requestsCpu: cpu({ description: "ResourceQuota `requests.cpu`.", min: "100m", max: "1000", default: { dev: "1", test: "4", prod: "8" } }),
    requestsMemory: memory({ description: "ResourceQuota `requests.memory`.", min: "256Mi", max: "4Ti", default: { dev: "3Gi", test: "10Gi", prod: "28Gi" } }),
    limitsCpu: cpu({ description: "ResourceQuota `limits.cpu`.", min: "100m", max: "1000", default: { dev: "8", test: "12", prod: "24" } }),
    limitsMemory: memory({ description: "ResourceQuota `limits.memory`.", min: "256Mi", max: "4Ti", default: { dev: "6Gi", test: "16Gi", prod: "32Gi" } }),
    pods: integer({ description: "ResourceQuota `pods`.", min: 1, max: 1000, default: { dev: 10, test: 15, prod: 20 } }),
    persistentVolumeClaims: integer({ description: "ResourceQuota `persistentvolumeclaims`.", min: 1, max: 1000, default: { dev: 4, test: 8, prod: 12 } }),
    storageGiB: integer({ description: "ResourceQuota `requests.storage`, in GiB.", min: 1, max: 100_000, default: { dev: 20, test: 100, prod: 500 } }),
  }),
  containerDefault: resources(
    "a container that says nothing itself",
    { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "10m", memory: "16Mi" } },
    everywhere({ requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "200m", memory: "256Mi" } }),
  ),
  containerMax: group({
    cpu: cpu({ description: "LimitRange maximum of a container's CPU limit.", min: "100m", max: "64", default: { dev: "2", test: "2", prod: "4" } }),
    memory: memory({ description: "LimitRange maximum of a container's memory limit.", min: "128Mi", max: "256Gi", default: { dev: "2Gi", test: "4Gi", prod: "8Gi" } }),
  }),
  priority: integer({
    description: "Value of the PriorityClass of Nacos and MySQL. Pods with less make room for them.",
    min: 0, max: 1_000_000_000, default: { dev: 1000, test: 10_000, prod: 1_000_000 },
  }),
});

/** Every key below `nacos-platform:access`. */
export const access = group({
  monitoringNamespaceLabels: labels({
    description: "Namespaces that carry all these labels may reach the ports of metrics. No other may.",
    default: everywhere<Readonly<Record<string, string>>>({ "kubernetes.io/metadata.name": "monitoring" }),
  }),
  apiServerCidrs: cidrs({
    description: "Where MySQL's controller may look for the API server, as network policies see it: behind its Service. Narrow it to the API server's addresses.",
    default: everywhere<readonly string[]>(["0.0.0.0/0"]),
  }),
  clientNamespaceLabels: labels({
    description: "Namespaces that carry all these labels may reach Nacos' client and console ports. No other may.",
    default: everywhere<Readonly<Record<string, string>>>({ "nacos-client": "true" }),
  }),
});

interface Config {
  readonly tenancy: ValueOf<typeof tenancy>;
}

export const tenancyRules: readonly Rule<Config>[] = [
  ...requestsWithinLimits<Config>("tenancy.containerDefault", (config) => config.tenancy.containerDefault),
  defaultWithinMaximum("cpu"),
  defaultWithinMaximum("memory"),
];

function defaultWithinMaximum(resource: "cpu" | "memory"): Rule<Config> {
  const measure = resource === "cpu" ? cpuMilli : memoryBytes;
  return {
    path: `tenancy.containerDefault.limits.${resource}`,
    uses: [`tenancy.containerMax.${resource}`],
    judge: ({ tenancy }) => {
      const [limit, most] = [tenancy.containerDefault.limits[resource], tenancy.containerMax[resource]];
      if (measure(limit) <= measure(most)) return undefined;
      return { value: limit, allowed: `at most tenancy.containerMax.${resource}, which is ${most}`, use: most };
    },
  };
}
