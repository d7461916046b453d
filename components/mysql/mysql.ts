import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { memoryBytes } from "../../config/quantity";
import type { ContainerResources, WorkloadFootprint } from "../footprint";
import { IDENTITIES, labels, selectorLabels } from "../labels";
import { checksum, containerSecurity, podFile, podSecurity } from "../pod";
import { retainedClaim } from "../retained-claim";
import { service } from "../service";
import { serviceAccount } from "../service-account";
import { retainedClassName } from "../storage-class";
import { Accounts, DATABASE } from "./accounts";
import { myCnf, MYSQL_PATHS, MYSQL_PORT } from "./my-cnf";

/** The `mysql` user of the official image. */
export const MYSQL_UID = 999;

export interface MySqlSizing {
  readonly resources: ContainerResources;
  /** Size of the claim, in GiB. A claim template cannot be changed: changing it replaces the StatefulSet. */
  readonly storageGiB: number;
}

export interface MySqlArgs extends MySqlSizing {
  readonly namespace: pulumi.Input<string>;
  /** DNS suffix of the namespace's Services: `<namespace>.svc.<cluster domain>`. */
  readonly serviceDomain: string;
  readonly priorityClassName: pulumi.Input<string>;
  /** MySQL 8.4 or 9. */
  readonly image: string;
  /** A class that exists. Where `protect` is set, one that retains its volumes. */
  readonly storageClass: string;
  readonly maxConnections: number;
  readonly binlogRetentionHours: number;
  /** Whether Pulumi refuses to delete or replace the StatefulSet and the passwords. */
  readonly protect: boolean;
}

/** What MySQL asks of the namespace. */
export function mysqlFootprint({ resources, storageGiB }: MySqlSizing): WorkloadFootprint {
  return { workload: "StatefulSet/mysql", pods: 1, surgePods: 0, containers: { mysql: resources }, initContainers: {}, claimsGiB: [storageGiB] };
}

/**
 * One MySQL server on a claim that outlives it, with Nacos' database and the accounts of {@link Accounts}. Clients
 * have to use TLS; the server makes its own certificate.
 */
export class MySql extends pulumi.ComponentResource {
  /** `host:port` for clients. */
  readonly address: pulumi.Output<string>;
  readonly host: string;
  readonly serviceName: pulumi.Output<string>;
  readonly headlessServiceName: pulumi.Output<string>;
  readonly database = DATABASE;
  readonly accounts: Accounts;

  constructor(name: string, args: MySqlArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:MySql", name, {}, opts);

    const own = { parent: this };
    this.host = `mysql.${args.serviceDomain}`;
    this.accounts = new Accounts(`${name}-accounts`, { namespace: args.namespace, host: this.host, protect: args.protect }, own);
    const front = { namespace: args.namespace, identity: IDENTITIES.mysql };
    const ports = [{ name: "mysql", port: MYSQL_PORT, targetPort: "mysql" }];
    const headless = service(`${name}-headless`, { ...front, name: "mysql-headless", spec: { clusterIP: "None", publishNotReadyAddresses: true, ports } }, own);
    const client = service(`${name}-service`, { ...front, name: "mysql", spec: { ports } }, own);
    this.makeStatefulSet(name, args);

    this.serviceName = client.metadata.name;
    this.headlessServiceName = headless.metadata.name;
    this.address = this.serviceName.apply((service) => `${service}.${args.serviceDomain}:${MYSQL_PORT}`);
    this.registerOutputs({ address: this.address, serviceName: this.serviceName });
  }

  private makeStatefulSet(name: string, args: MySqlArgs): k8s.apps.v1.StatefulSet {
    const own = { parent: this };
    const metadata = { namespace: args.namespace, labels: labels(IDENTITIES.mysql) };
    const footprint = mysqlFootprint(args);
    const options = myCnf({ ...args, memoryLimitBytes: memoryBytes(args.resources.limits.memory) });
    const scripts = {
      "start-mysql.sh": podFile("mysql", "scripts", "start-mysql.sh"),
      "check-mysql.sh": podFile("mysql", "scripts", "check-mysql.sh"),
    };
    const config = new k8s.core.v1.ConfigMap(`${name}-config`, { metadata: { ...metadata, name: "mysql-config" }, data: { "my.cnf": options } }, own);
    const scriptMap = new k8s.core.v1.ConfigMap(`${name}-scripts`, { metadata: { ...metadata, name: "mysql-scripts" }, data: scripts }, own);
    const storageClassName = retainedClassName(
      `${name}-storage-class`,
      { className: args.storageClass, key: "mysql.storageClass", required: args.protect },
      own,
    );
    const account = serviceAccount(`${name}-service-account`, { name: "mysql", namespace: args.namespace, identity: IDENTITIES.mysql }, own);

    return new k8s.apps.v1.StatefulSet(`${name}-server`, {
      metadata: { ...metadata, name: "mysql" },
      spec: {
        serviceName: "mysql-headless",
        // OrderedReady would wait for a broken pod before it gives it the corrected template.
        podManagementPolicy: "Parallel",
        replicas: footprint.pods,
        revisionHistoryLimit: 5,
        selector: { matchLabels: selectorLabels(IDENTITIES.mysql) },
        ...retainedClaim({ storageClassName, storageGiB: footprint.claimsGiB[0] }),
        template: {
          metadata: {
            labels: labels(IDENTITIES.mysql),
            annotations: { "nacos-platform/config": checksum(options, ...Object.values(scripts)) },
          },
          spec: {
            serviceAccountName: account.metadata.name,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            priorityClassName: args.priorityClassName,
            securityContext: podSecurity(MYSQL_UID),
            // A clean shutdown writes the buffer pool back, so that the next start needs no recovery.
            terminationGracePeriodSeconds: 120,
            containers: [mysqlContainer(args.image, footprint.containers.mysql)],
            volumes: [
              { name: "config", configMap: { name: config.metadata.name } },
              { name: "scripts", configMap: { name: scriptMap.metadata.name } },
              { name: "init", secret: { secretName: this.accounts.initSecret, defaultMode: 0o440 } },
              { name: "credentials", secret: { secretName: this.accounts.probeSecret, defaultMode: 0o440 } },
              { name: "run", emptyDir: { sizeLimit: "16Mi" } },
              { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
            ],
          },
        },
      },
    }, { ...own, protect: args.protect, customTimeouts: { create: "15m", update: "15m" } });
  }
}

function mysqlContainer(image: string, resources: ContainerResources): k8s.types.input.core.v1.Container {
  const check = (mode: string): k8s.types.input.core.v1.ExecAction => ({ command: ["bash", "/scripts/check-mysql.sh", mode] });
  return {
    name: "mysql",
    image,
    command: ["bash", "/scripts/start-mysql.sh"],
    env: [{ name: "TZ", value: "UTC" }],
    ports: [{ name: "mysql", containerPort: MYSQL_PORT }],
    resources,
    securityContext: containerSecurity,
    // Half an hour: recovery after a crash must not be cut short, that would only make it start again.
    startupProbe: { exec: check("ready"), periodSeconds: 3, timeoutSeconds: 10, failureThreshold: 600 },
    readinessProbe: { exec: check("ready"), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { exec: check("alive"), periodSeconds: 20, timeoutSeconds: 15, failureThreshold: 6 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "data", mountPath: MYSQL_PATHS.volume },
      { name: "run", mountPath: MYSQL_PATHS.run },
      { name: "tmp", mountPath: "/tmp" },
      { name: "config", mountPath: "/config", readOnly: true },
      { name: "scripts", mountPath: "/scripts", readOnly: true },
      { name: "init", mountPath: "/init", readOnly: true },
      { name: "credentials", mountPath: "/credentials", readOnly: true },
    ],
  };
}
