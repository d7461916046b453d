import { LEAST_NACOS_MEMORY_MIB } from "../components/nacos/memory";
import { refusedRelease } from "../components/nacos/refused-releases";
import { nacosFacts, SUPPORTED_NACOS } from "../components/nacos/versions";
import { choice, cidrs, cpu, ENVIRONMENTS, everywhere, flag, group, integer, labels, memory, Mismatch, text, type ValueOf } from "./fields";
import { imageVersion } from "./image";
import { jvmOptions, properties, PROPERTIES_SECRET } from "./nacos-fields";
import { mysql } from "./mysql-schema";
import { DNS_NAME, image, resources, storageClass } from "./workload-fields";

const DNS_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Every key that a stack may set below `nacos-platform:`, with its default per environment. */
export const schema = group({
  environment: choice(ENVIRONMENTS, {
    description: "Which defaults apply. The stack is named after it: `prod`, or `prod-` and more.",
  }),
  kubeContext: text({
    description: "Context of the kubeconfig that is deployed to. Never the current one by accident.",
    allowed: "the name of a context, see `kubectl config get-contexts`",
    example: "my-cluster",
    pattern: /^\S(.*\S)?$/,
  }),
  namespace: text({
    description: "Namespace that holds everything. Made and owned by the stack.",
    allowed: "a DNS label of at most 63 characters that is none of Kubernetes' own namespaces",
    example: "nacos",
    pattern: DNS_LABEL,
    not: ["default", "kube-system", "kube-public", "kube-node-lease"],
    default: { dev: "nacos-dev", test: "nacos-test", prod: "nacos-prod" },
  }),
  clusterDomain: text({
    description: "DNS suffix of the cluster. Nacos' members know each other by names that end in it.",
    allowed: "a DNS name",
    example: "cluster.local",
    pattern: DNS_NAME,
    default: everywhere("cluster.local"),
  }),
  protect: flag({
    description: "Whether Pulumi refuses to delete or replace the namespace, the stateful sets, Nacos' database, the claim and the key of backups, and the passwords that cannot be changed at any time.",
    default: { dev: false, test: false, prod: true },
  }),
  tenancy: group({
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
  }),
  mysql,
  nacos: group({
    image: image({
      description: "Nacos image. Its tag decides probe paths and ports.",
      default: "docker.io/nacos/nacos-server:v3.1.2",
      allowed: `an image with a tag of Nacos ${SUPPORTED_NACOS}`,
      accepts: acceptsNacos,
    }),
    replicas: integer({ description: "Number of Nacos servers. In prod at least 3. Do not lower it on a running stack: Raft keeps counting servers that are gone.", min: 1, max: 7, odd: true, default: { dev: 1, test: 3, prod: 3 } }),
    resources: resources(
      "a Nacos server",
      { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "100m", memory: `${LEAST_NACOS_MEMORY_MIB}Mi` } },
      {
        // Memory is promised as far as a warm server uses it: its heap and some 490 MiB more.
        dev: { requests: { cpu: "200m", memory: "832Mi" }, limits: { cpu: "500m", memory: "1Gi" } },
        test: { requests: { cpu: "500m", memory: "1664Mi" }, limits: { cpu: "1", memory: "2Gi" } },
        prod: { requests: { cpu: "1", memory: "3328Mi" }, limits: { cpu: "2", memory: "4Gi" } },
      },
    ),
    storageGiB: integer({ description: "Size of a Nacos server's claim, in GiB. A larger one lets the claims grow, if their class allows it: docs/volumes.md. A smaller one is refused.", min: 1, max: 16_000, default: { dev: 2, test: 10, prod: 20 } }),
    storageClass: storageClass("Nacos'"),
    spread: choice(["preferred", "required"], {
      description: "Whether two Nacos servers may share a node when there is no other room (`preferred`) or never (`required`). Over zones they are spread as evenly as there is room, either way.",
      default: { dev: "preferred", test: "preferred", prod: "required" },
    }),
    databasePoolSize: integer({ description: "Database connections of a Nacos server at most.", min: 2, max: 200, default: { dev: 10, test: 20, prod: 20 } }),
    properties: properties(`Further properties of Nacos, by name. They go into a ConfigMap. A secret goes into the Secret \`${PROPERTIES_SECRET}\`, and its key stands here: \`\${MY_SECRET}\`. A change restarts the servers one by one.`),
    jvmOptions: jvmOptions("Further options for the servers' JVM, before the image's own. A change restarts the servers one by one."),
  }),
  images: group({
    node: image({
      description: "Node.js image. It runs MySQL's controller and judges backups.",
      default: "docker.io/library/node:24.21.0-bookworm-slim",
      allowed: "an image with a tag of Node.js 20 or newer",
      accepts: (reference) => (imageVersion(reference)?.major ?? 0) >= 20,
    }),
    rclone: image({
      description: "Rclone image. It copies backups and binary logs outside.",
      default: "docker.io/rclone/rclone:1.75.1",
      allowed: "an image with a tag of rclone 1.60 or newer",
      accepts: (reference) => {
        const version = imageVersion(reference);
        return version !== undefined && (version.major > 1 || (version.major === 1 && version.minor >= 60));
      },
    }),
    mysqldExporter: image({
      description: "Image of the Prometheus exporter beside each MySQL server.",
      default: "docker.io/prom/mysqld-exporter:v0.20.0",
      allowed: "an image with a tag of mysqld_exporter 0.15 or newer",
      accepts: (reference) => {
        const version = imageVersion(reference);
        return version !== undefined && (version.major > 0 || version.minor >= 15);
      },
    }),
  }),
  access: group({
    monitoringNamespaceLabels: labels({
      description: "Namespaces that carry all these labels may reach the ports of metrics. No other may.",
      default: everywhere<Readonly<Record<string, string>>>({ "kubernetes.io/metadata.name": "monitoring" }),
    }),
    apiServerCidrs: cidrs({
      description: "Where MySQL's controller may look for the API server, as network policies see it: behind its Service. Narrow it to the API server's addresses.",
      default: everywhere<readonly string[]>(["0.0.0.0/0"]),
    }),
    mysqlCidrs: cidrs({
      description: "Where an external MySQL may be, as network policies see it. Narrow it to the database's addresses.",
      default: everywhere<readonly string[]>(["0.0.0.0/0"]),
    }),
    objectStoreCidrs: cidrs({
      description: "Where the store of `mysql.backup.s3` may be, as network policies see it. Narrow it to the store's addresses.",
      default: everywhere<readonly string[]>(["0.0.0.0/0"]),
    }),
    objectStoreNamespaceLabels: labels({
      description: "Where that store may be inside the cluster: namespaces that carry all these labels.",
      default: everywhere<Readonly<Record<string, string>>>({ "kubernetes.io/metadata.name": "object-store" }),
    }),
    clientNamespaceLabels: labels({
      description: "Namespaces that carry all these labels may reach Nacos' client and console ports. No other may.",
      default: everywhere<Readonly<Record<string, string>>>({ "nacos-client": "true" }),
    }),
    mysqlClientNamespaceLabels: labels({
      description: "Namespaces that carry all these labels may reach the stack's MySQL servers: where the pods of `mysql.applications` run. No other may. Without it none may, and an application's database is reached through a port-forward alone. An external MySQL has its own rules.",
      default: everywhere<Readonly<Record<string, string>>>({}),
      example: '{"mysql-client":"true"}',
    }),
  }),
});

function acceptsNacos(reference: string): boolean | Mismatch {
  const facts = nacosFacts(reference);
  const refused = facts && refusedRelease(facts.version);
  if (!facts || !refused) return facts !== undefined;
  return new Mismatch(`a release of ${SUPPORTED_NACOS} other than ${facts.version}, which ${refused.reason}; the next good one is ${refused.next}`);
}

/** The whole configuration of a stack, checked and frozen. */
export type PlatformConfig = ValueOf<typeof schema>;
