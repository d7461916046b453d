import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MYSQL_PORT, maxConnections } from "./components/mysql/my-cnf";
import { MySql, mysqlFootprint } from "./components/mysql/mysql";
import { Schema, schemaFootprint } from "./components/mysql/schema";
import { Nacos, nacosFootprint } from "./components/nacos/nacos";
import { knownNacos } from "./components/nacos/versions";
import { Flows } from "./components/network/flows";
import { requireFit } from "./components/tenancy/quota-fit";
import { Tenancy } from "./components/tenancy/tenancy";
import { loadConfig } from "./config";

const config = loadConfig();
const { protect, tenancy: { quota, containerMax } } = config;
const facts = knownNacos(config.nacos.image);

requireFit({
  project: pulumi.getProject(),
  quota,
  containerMax,
  workloads: [mysqlFootprint(config.mysql), nacosFootprint(config.nacos), schemaFootprint()],
});

const provider = new k8s.Provider("cluster", {
  context: config.kubeContext,
  // The same for any name of the context: a provider of another identity would replace every resource.
  clusterIdentifier: `${pulumi.getProject()}/${pulumi.getStack()}`,
  enableConfigMapMutable: true,
  enableSecretMutable: true,
  suppressDeprecationWarnings: true,
});

const walls = new Tenancy("tenancy", { ...config.tenancy, namespace: config.namespace, protect }, { provider });
const flows = new Flows("network", {
  namespace: walls.namespace,
  consolePort: facts.consolePort,
  clientNamespaceLabels: config.access.clientNamespaceLabels,
}, { provider });

const shared = {
  namespace: walls.namespace,
  priorityClassName: walls.priorityClassName,
  serviceDomain: `${config.namespace}.svc.${config.clusterDomain}`,
  protect,
};
const server = new MySql("mysql", {
  ...shared,
  ...config.mysql,
  maxConnections: maxConnections({ ...config.nacos, connectionReserve: config.mysql.connectionReserve }),
}, { provider, dependsOn: [walls, flows] });
const schema = new Schema("schema", {
  ...shared,
  nacosImage: config.nacos.image,
  nacosVersion: facts.version,
  mysqlImage: config.mysql.image,
  credentialsSecret: server.accounts.schemaSecret,
}, { provider, dependsOn: server });
const cluster = new Nacos("nacos", {
  ...shared,
  ...config.nacos,
  facts,
  database: { host: server.host, port: MYSQL_PORT, name: server.database, secret: server.accounts.runtimeSecret },
}, { provider, dependsOn: schema });

/** Namespace that holds everything. */
export const namespace = walls.namespace;

/** Where Nacos is found, inside the cluster. */
export const nacos = {
  version: facts.version,
  replicas: config.nacos.replicas,
  clientAddress: cluster.clientAddress,
  grpcAddress: cluster.grpcAddress,
  consoleAddress: cluster.consoleAddress,
  services: { client: cluster.clientServiceName, headless: cluster.headlessServiceName, console: cluster.consoleServiceName },
};

/** Where MySQL is found, inside the cluster. */
export const mysql = {
  address: server.address,
  database: server.database,
  services: { client: server.serviceName, headless: server.headlessServiceName },
};

/** Names of the Secrets with the credentials, never the credentials: `kubectl get secret NAME`. */
export const secrets = {
  nacosAdmin: schema.adminSecret,
  nacosAuth: cluster.authSecret,
  mysqlRoot: server.accounts.rootSecret,
  mysqlRuntime: server.accounts.runtimeSecret,
};
