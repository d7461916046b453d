import { cidrs, everywhere, integer, labels, ports, text } from "../../config/fields";
import { group, type ValueOf } from "../../config/groups";
import { moreMetadata } from "../../config/object-fields";
import { containerRange, namespaceLimitRules, namespaceLimits, objectQuota } from "../../config/namespace-fields";
import { MEASURES, type Resource, RESOURCES, type Rule } from "../../config/rules";
import { DNS_NAME } from "../../config/workload-fields";
import { KUBE_DNS } from "../../contract/dns";

const existingClass = (of: string, value: string) =>
  text({
    description: `PriorityClass ${of}. It must exist. If it is not set, the stack creates one with ${value}, which needs the right to create cluster-wide objects.`,
    allowed: "the name of a PriorityClass in the cluster",
    example: "high",
    pattern: DNS_NAME,
  }).optional();

/** Every key below `nacos-platform:tenancy`. */
export const tenancy = group({
  ...namespaceLimits(
    {
      quota: {
        requestsCpu: { dev: "1", test: "4", prod: "10" },
        requestsMemory: { dev: "3Gi", test: "10Gi", prod: "28Gi" },
        requestsEphemeralStorage: { dev: "16Gi", test: "24Gi", prod: "40Gi" },
        limitsCpu: { dev: "9", test: "13", prod: "28" },
        limitsMemory: { dev: "6Gi", test: "16Gi", prod: "40Gi" },
        limitsEphemeralStorage: { dev: "50Gi", test: "120Gi", prod: "400Gi" },
        pods: { dev: 15, test: 20, prod: 25 },
        persistentVolumeClaims: { dev: 4, test: 8, prod: 12 },
        storageGiB: { dev: 20, test: 100, prod: 500 },
      },
      containerMax: {
        cpu: { dev: "2", test: "2", prod: "4" },
        memory: { dev: "2Gi", test: "4Gi", prod: "8Gi" },
        ephemeralStorage: { dev: "20Gi", test: "50Gi", prod: "150Gi" },
      },
    },
    objectQuota,
  ),
  ...containerRange,
  ...moreMetadata("the namespace"),
  priority: integer({
    description: "Value of the PriorityClass of Nacos and MySQL. Pods with a lower priority are preempted.",
    min: 0,
    max: 1_000_000_000,
    default: { dev: 1000, test: 10_000, prod: 1_000_000 },
  }),
  priorityClass: existingClass("of Nacos, MySQL, and the Jobs of accounts, schema and restores", "`tenancy.priority`"),
  batchPriority: integer({
    description:
      "Value of the PriorityClass of backups and verifications, which never preempt other pods. At most `tenancy.priority`.",
    min: 0,
    max: 1_000_000_000,
    default: everywhere(100),
  }),
  batchPriorityClass: existingClass("of backups and verifications", "`tenancy.batchPriority`"),
});

/** Every key below `nacos-platform:access`. */
export const access = group({
  monitoringNamespaceLabels: labels({
    description: "Only namespaces that carry all these labels may reach the ports of metrics.",
    default: everywhere<Readonly<Record<string, string>>>({ "kubernetes.io/metadata.name": "monitoring" }),
  }),
  apiServerCidrs: cidrs({
    description:
      "Addresses behind the API server's Service, to which network policies let MySQL's controller and Nacos' pods connect. Narrow them to the API server's addresses.",
    default: everywhere<readonly string[]>(["0.0.0.0/0"]),
  }),
  apiServerPorts: ports({
    description: "Ports behind the API server's Service.",
    default: everywhere<readonly number[]>([443, 6443]),
  }),
  dns: group({
    namespaceLabels: labels({
      description:
        "Namespaces of the cluster's DNS pods. Every pod of the stack and of its tenants may reach these pods.",
      default: everywhere(KUBE_DNS.namespaceLabels),
    }),
    podLabels: labels({ description: "Labels of the cluster's DNS pods.", default: everywhere(KUBE_DNS.podLabels) }),
    cidrs: cidrs({
      description:
        "Addresses of DNS servers that are no such pods. The default is the DNS cache on each node (NodeLocal DNSCache). docs/placement.md lists what other clusters need.",
      default: everywhere(KUBE_DNS.cidrs),
    }),
    ports: ports({
      description: "Ports of the DNS pods, which may differ from the Service's, and of the other DNS servers.",
      default: everywhere(KUBE_DNS.ports),
    }),
  }),
  clientNamespaceLabels: labels({
    description:
      "Namespaces that carry all these labels may reach Nacos' client and console ports. Of others, only those of tenants may: docs/tenants.md.",
    default: everywhere<Readonly<Record<string, string>>>({ "nacos-client": "true" }),
  }),
});

interface Config {
  readonly tenancy: ValueOf<typeof tenancy>;
}

export const tenancyRules: readonly Rule<Config>[] = [
  ...namespaceLimitRules<Config>("tenancy", (config) => config.tenancy),
  ...RESOURCES.map(defaultAboveMinimum),
  {
    path: "tenancy.batchPriority",
    uses: ["tenancy.priority"],
    judge: ({ tenancy: { batchPriority, priority } }) =>
      batchPriority > priority
        ? {
            value: String(batchPriority),
            allowed: `at most tenancy.priority, which is ${priority}`,
            use: String(priority),
          }
        : undefined,
  },
];

function defaultAboveMinimum(resource: Resource): Rule<Config> {
  const measure = MEASURES[resource];
  return {
    path: `tenancy.containerDefault.requests.${resource}`,
    uses: [`tenancy.containerMin.${resource}`],
    judge: ({ tenancy: { containerDefault, containerMin } }) => {
      const [request, least] = [containerDefault.requests[resource], containerMin[resource]];
      if (measure(request) >= measure(least)) return undefined;
      return { value: request, allowed: `at least tenancy.containerMin.${resource}, which is ${least}`, use: least };
    },
  };
}
