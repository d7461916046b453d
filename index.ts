import "./kube/native-traces";
import * as pulumi from "@pulumi/pulumi";
import { apiServer, destinationOf } from "./kube/connections";
import { inCluster } from "./kube/cluster-provider";
import type { PodSettings } from "./kube/pod";
import type { Shared } from "./kube/product";
import { products } from "./products";
import { DATABASE } from "./contract/accounts";
import { Backups } from "./components/mysql/backup/backups";
import {
  backupFootprint,
  registryRestoreFootprint,
  restoreFootprint,
  verifyFootprint,
} from "./components/mysql/backup/footprint";
import { OffsiteBackup } from "./components/mysql/backup/offsite-backup";
import type { Database } from "./components/mysql/database";
import { ExternalMySql } from "./components/mysql/external";
import { sameMode } from "./components/mysql/mode";
import { connectionsNeeded } from "./components/mysql/my-cnf";
import { controllerFootprint } from "./components/mysql/controller";
import { mysqlFootprint } from "./components/mysql/footprint";
import { MySql } from "./components/mysql/mysql";
import { accountsFootprint, PlatformAccounts } from "./components/mysql/platform-accounts";
import { NacosSchemaJob, schemaFootprint } from "./components/nacos/schema/job";
import { mostServers } from "./components/nacos/autoscaling-config";
import { nacosFootprint } from "./components/nacos/footprint";
import { nacosMemory } from "./components/nacos/memory";
import { httpEndpoint, Nacos } from "./components/nacos/nacos";
import { NacosUpgradeEnd } from "./components/nacos/schema/upgrade-end";
import { endsUpgrade } from "./components/nacos/upgrade";
import { knownNacos } from "./components/nacos/versions";
import { Monitoring } from "./components/monitoring/monitoring";
import { requireFit } from "./components/tenancy/quota-fit";
import { Tenancy } from "./components/tenancy/tenancy";
import { loadConfig } from "./config";
import { placementOf, type Placement } from "./config/placement-fields";
import { IDENTITIES } from "./contract/identities";
import { BACKUP_CRON_JOBS, OBJECTS } from "./contract/objects";
import { OUTPUTS_VERSION, type PlatformOutputs } from "./contract/outputs";
import { METRICS } from "./contract/ports";
import { MIB, memoryBytes } from "./contract/quantity";

const config = loadConfig();
const { protect } = config;
const facts = knownNacos(config.nacos.image);
const { backup } = config.mysql;
const { offsite } = backup;
const own = config.mysql.mode === "cluster" ? config.mysql : undefined;
const external = config.mysql.mode === "external" ? config.mysql : undefined;
const sizing = { ...backup, storageClass: config.mysql.storageClass, outside: offsite !== undefined };

requireFit({
  project: pulumi.getProject(),
  ...config.tenancy,
  workloads: [
    ...(own === undefined ? [] : [mysqlFootprint({ ...own, shipsLogs: sizing.outside })]),
    controllerFootprint(own?.failover ?? "manual"),
    accountsFootprint(),
    ...[backupFootprint, verifyFootprint, restoreFootprint, registryRestoreFootprint].map((footprint) =>
      footprint(sizing),
    ),
    nacosFootprint(config.nacos),
    schemaFootprint(),
    ...products.map(({ footprint }) => footprint),
  ],
});

const opts = inCluster(config.kubeContext);
const tenancy = new Tenancy(
  "tenancy",
  {
    ...config.tenancy,
    dns: config.access.dns,
    namespace: config.namespace,
    owner: `${pulumi.getProject()}/${pulumi.getStack()}`,
    kubeContext: config.kubeContext,
    protect,
  },
  opts,
);
const mode = sameMode("mysql-mode", config.mysql.mode, config);
const podsWith = (placement: Partial<Placement>): PodSettings => ({
  priorityClassName: tenancy.priorityClassName,
  placement: placementOf(config.placement, placement),
  pullSecrets: config.images.pullSecrets,
  ...config.pods,
});
const jobPods = podsWith(config.jobs.placement);
const mysqlPods = podsWith(config.mysql.placement);
const shared: Shared = {
  scraping: {
    namespaceLabels: config.access.monitoringNamespaceLabels,
    annotated: config.monitoring.mode === "annotations",
  },
  apiServer: apiServer(config.access.apiServerCidrs, config.access.apiServerPorts),
  namespace: tenancy.namespace,
  kubeContext: config.kubeContext,
  pods: podsWith({}),
  services: config.services,
  serviceDomain: `${config.namespace}.svc.${config.clusterDomain}`,
  protect,
};
const copy =
  offsite === undefined
    ? undefined
    : new OffsiteBackup(
        "offsite",
        {
          namespace: tenancy.namespace,
          store: { ...offsite, path: `${pulumi.getProject()}/${pulumi.getStack()}` },
          protect,
        },
        { ...opts, dependsOn: tenancy },
      );
const servers =
  own === undefined
    ? undefined
    : new MySql(
        "mysql",
        {
          ...shared,
          ...own,
          pods: mysqlPods,
          nodeImage: config.images.node,
          exporterImage: config.images.mysqldExporter,
          backupCronJob: BACKUP_CRON_JOBS.backup,
          logs: copy === undefined ? undefined : { outside: copy, image: config.images.rclone },
        },
        { ...opts, dependsOn: [tenancy, mode] },
      );
const elsewhere =
  external === undefined
    ? undefined
    : new ExternalMySql(
        "mysql",
        { ...shared, ...external, pods: mysqlPods, nodeImage: config.images.node },
        { ...opts, dependsOn: [tenancy, mode] },
      );
const database = (servers ?? elsewhere) as Database & pulumi.Resource;
const accounts = new PlatformAccounts(
  "accounts",
  {
    ...shared,
    pods: jobPods,
    database,
    nodeImage: config.images.node,
    restoreSecret: servers?.accounts.restoreSecret,
    connections:
      external && connectionsNeeded({ ...config.nacos, ...external, nacosServers: mostServers(config.nacos) }),
  },
  { ...opts, dependsOn: database },
);
new Backups(
  "backups",
  {
    ...shared,
    ...backup,
    pods: jobPods,
    batchPriorityClassName: tenancy.batchPriorityClassName,
    copy,
    own: external === undefined,
    images: { ...config.images, mysql: config.mysql.image },
    servers: database.servers,
    primary: `${database.host}:${database.port}`,
    database: database.endpoint,
    nacos: {
      host: `${OBJECTS.nacos}.${shared.serviceDomain}`,
      servers: `${OBJECTS.nacos}-headless.${shared.serviceDomain}`,
      version: facts.version,
      identitySecret: OBJECTS.nacosAuth,
    },
    nacosHttp: httpEndpoint(OBJECTS.nacos),
    storageClass: config.mysql.storageClass,
    caConfigMap: database.caConfigMap,
    backupCredentials: accounts.backupSecret,
    restoreCredentials: accounts.restoreSecret,
  },
  { ...opts, dependsOn: accounts },
);
const { replicas, seriesUpgrade } = config.nacos;
const schemaAccess = {
  ...shared,
  pods: jobPods,
  database,
  nacosVersion: facts.version,
  nodeImage: config.images.node,
  credentialsSecret: accounts.schemaSecret,
  caConfigMap: database.caConfigMap,
};
const schema = new NacosSchemaJob(
  "schema",
  {
    ...schemaAccess,
    nacosImage: config.nacos.image,
    seriesUpgrade: replicas > 1 ? seriesUpgrade : "refuse",
  },
  { ...opts, dependsOn: accounts },
);
const registry = new Nacos(
  "nacos",
  {
    ...shared,
    ...config.nacos,
    pods: podsWith(config.nacos.placement),
    nodeImage: config.images.node,
    clientNamespaceLabels: config.access.clientNamespaceLabels,
    facts,
    database: {
      host: database.host,
      port: database.port,
      endpoint: database.endpoint,
      name: DATABASE,
      secret: accounts.runtimeSecret,
      mark: accounts.runtimeMark,
      caConfigMap: database.caConfigMap,
      trust: database.caCertificates,
    },
  },
  { ...opts, dependsOn: schema },
);
if (endsUpgrade(facts.version, replicas, seriesUpgrade))
  new NacosUpgradeEnd("upgrade-end", { ...schemaAccess, schema }, { ...opts, dependsOn: registry });

if (config.monitoring.mode !== "disabled")
  new Monitoring(
    "monitoring",
    {
      ...shared,
      config: config.monitoring,
      targets: [
        { name: OBJECTS.nacos, identity: IDENTITIES.nacos, metrics: [METRICS.nacos, METRICS.members] },
        ...(own === undefined ? [] : [{ name: "mysql", identity: IDENTITIES.mysql, metrics: [METRICS.mysql] }]),
        { name: OBJECTS.lease, identity: IDENTITIES.mysqlController, metrics: [METRICS.controller] },
      ],
      stack: pulumi.getStack(),
      watched: {
        namespace: config.namespace,
        nacos: {
          name: OBJECTS.nacos,
          servers: config.nacos.replicas,
          directBytes: nacosMemory(memoryBytes(config.nacos.resources.limits.memory)).direct * MIB,
          cpuPercent: config.nacos.autoscaling.mode === "enabled" ? config.nacos.autoscaling.cpuPercent : undefined,
        },
        mysql: own,
        backups: backup,
      },
    },
    { ...opts, dependsOn: tenancy },
  );

for (const { create } of products) create(shared, { ...opts, dependsOn: tenancy });

const outputs: pulumi.Output<PlatformOutputs> = pulumi.output({
  version: OUTPUTS_VERSION,
  namespace: tenancy.namespace,
  kubeContext: config.kubeContext,
  dns: config.access.dns,
  nacos: {
    version: facts.version,
    replicas: config.nacos.replicas,
    clientAddress: registry.clientAddress,
    grpcAddress: registry.grpcAddress,
    consoleAddress: registry.consoleAddress,
    services: {
      client: registry.clientServiceName,
      headless: registry.headlessServiceName,
      console: registry.consoleServiceName,
    },
    destination: destinationOf(registry.endpoint),
    ...registry.exposed,
  },
  mysql: {
    host: database.host,
    port: database.port,
    database: DATABASE,
    caCertificates: database.caCertificates,
    services: database.services,
    destination: destinationOf(database.endpoint),
  },
  secrets: {
    nacosAdmin: schema.adminSecret,
    nacosAuth: registry.authSecret,
    mysqlRoot: servers?.accounts.rootSecret,
    mysqlAdministrator: database.administratorSecret,
    mysqlRuntime: accounts.runtimeSecret,
  },
});

/** The stack's outputs, see {@link PlatformOutputs}. */
export const { version, namespace, kubeContext, dns, nacos, mysql, secrets } = outputs;
