import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { METRICS, MYSQL_PORT } from "../../contract/ports";
import { DATA_MARKS, POD_NAME_LABEL } from "../../contract/objects";
import { memoryBytes } from "../../contract/quantity";
import { emptyDirVolumes } from "../../kube/ephemeral-storage";
import { connecting, connections, endpointOf, type Endpoint } from "../../kube/connections";
import { disruptionBudget } from "../../kube/disruption-budget";
import { IDENTITIES, labels, selectorLabels, type Identity } from "../../contract/identities";
import { checksum, podFile, podTemplate, type PodSettings } from "../../kube/pod";
import { retainedClaim } from "../../kube/retained-claim";
import { claimsNoted, growingClaims } from "../../kube/claims";
import { afterPredecessor, AWAITED, rollout } from "../../kube/rollout";
import { scrapeAnnotations, scrapers, type Scraping } from "../../kube/scraping";
import { service, type ServiceSettings } from "../../kube/service";
import { transformed, type Transform } from "../../kube/transform";
import { serviceAccount } from "../../kube/service-account";
import { retainedClassName } from "../../kube/storage-class";
import { ACCOUNT_STATEMENTS, BootstrapAccounts } from "./bootstrap-accounts";
import { BINLOG_SCRIPTS, binlogSidecar } from "./backup/binlog-sidecar";
import type { OffsiteBackup } from "./backup/offsite-backup";
import { Controller } from "./controller";
import type { Database } from "./database";
import { EMPTY_DIRS, mysqlFootprint, type MySqlSizing } from "./footprint";
import { keepingPrimary } from "./keeping-primary";
import { myCnf } from "./my-cnf";
import { USERS } from "../../contract/users";
import { mysqlContainers } from "./pod";
import { Tls } from "./tls";

/** A committed transaction can be restored from off-site after this time, plus the time to copy its log. */
const ROTATE_LOGS_SECONDS = 30;

/** How long a server may take to end, start and recover its data, or to be cloned. */
const STALLED_SECONDS = 900;

/** Changes to the resources that are created, see {@link Transform}. */
export interface MySqlTransforms {
  readonly statefulSet?: Transform<k8s.apps.v1.StatefulSetArgs>;
  readonly readersService?: Transform<k8s.types.input.core.v1.ServiceSpec>;
  /** Of the controller. */
  readonly deployment?: Transform<k8s.apps.v1.DeploymentArgs>;
}

export interface MySqlArgs extends Omit<MySqlSizing, "shipsLogs"> {
  /** Name in the cluster of the StatefulSet and the primary's Service, and prefix of the other objects' names. Default: the component's name. */
  readonly kubernetesName?: string;
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig, with which an update waits for the rollout of the servers. */
  readonly kubeContext: string;
  /** DNS suffix of the namespace's Services: `<namespace>.svc.<cluster domain>`. */
  readonly serviceDomain: string;
  readonly pods: PodSettings;
  readonly services: ServiceSettings;
  /** MySQL 8.4 or 9.7. */
  readonly image: pulumi.Input<string>;
  /** Node.js, for the controller. */
  readonly nodeImage: pulumi.Input<string>;
  readonly exporterImage: pulumi.Input<string>;
  /** Where the servers' binary logs are copied to, and the image of rclone that copies them. */
  readonly logs?: { readonly outside: OffsiteBackup; readonly image: pulumi.Input<string> };
  readonly maxConnections: number;
  readonly binlogRetentionHours: number;
  /** The CronJob that backs the data up. */
  readonly backupCronJob: string;
  /** Whether commits wait for replicas without limit, or continue without them after 5 s. */
  readonly semiSync: "required" | "preferred";
  /** Who promotes a replica after the primary has failed: an operator, or the controller. */
  readonly failover: "manual" | "automatic";
  readonly spread: "preferred" | "required";
  /** Generation of the CA, see {@link Tls}. */
  readonly caGeneration: number;
  readonly scraping: Scraping;
  /** The API server, for the controller: policies apply to the address behind its Service. */
  readonly apiServer: Endpoint;
  /** Whether Pulumi refuses to delete or replace the StatefulSet and the passwords. */
  readonly protect: boolean;
  readonly transform?: MySqlTransforms;
}

/** Names of the servers' pods. */
function serverNames(base: string, servers: number): string[] {
  return Array.from({ length: servers }, (_, ordinal) => `${base}-${ordinal}`);
}

/** The component's name is part of the pods' selector, so that two components fit into one namespace. */
function identityOf(name: string): Identity {
  return { ...IDENTITIES.mysql, instance: name };
}

/**
 * A primary and its replicas, each on a claim that outlives it, with the accounts of {@link BootstrapAccounts}.
 * Every server starts read-only; the {@link Controller} makes the declared primary writable. The writer Service selects
 * this pod by its name. The selector is the declaration: Pulumi creates it, then the controller and `ops` change it.
 */
export class MySql extends pulumi.ComponentResource implements Database {
  readonly host: string;
  readonly port = MYSQL_PORT;
  readonly endpoint: Endpoint;
  /** `client` selects the primary; `readers` every server that is ready, including the primary. */
  readonly services: {
    readonly client: pulumi.Output<string>;
    readonly readers: pulumi.Output<string>;
    readonly headless: pulumi.Output<string>;
  };
  /** `host:port` of each server. */
  readonly servers: readonly string[];
  readonly accounts: BootstrapAccounts;
  readonly administratorSecret: pulumi.Output<string>;
  /** ConfigMap with `ca.crt`, with which clients verify the server's certificate. */
  readonly caConfigMap: pulumi.Output<string>;
  readonly caCertificates: pulumi.Output<string>;

  constructor(name: string, args: MySqlArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:MySql", name, {}, opts);

    const own = { parent: this };
    const { namespace, serviceDomain, protect, semiSync, failover } = args;
    const base = args.kubernetesName ?? name;
    const identity = identityOf(name);
    const hostSuffix = `${base}-headless.${serviceDomain}`;
    const servers = serverNames(base, args.servers);
    this.host = `${base}.${serviceDomain}`;
    this.endpoint = endpointOf(base, identity, [MYSQL_PORT]);
    this.servers = servers.map((server) => `${server}.${hostSuffix}:${MYSQL_PORT}`);
    this.accounts = new BootstrapAccounts(
      `${name}-accounts`,
      { base, identity, namespace, host: this.host, protect },
      own,
    );
    this.administratorSecret = this.accounts.adminSecret;
    const tls = new Tls(
      `${name}-tls`,
      { base, identity, namespace, serviceDomain, caGeneration: args.caGeneration },
      own,
    );
    const front = { namespace, identity, settings: args.services };
    const ports = [{ name: "mysql", port: MYSQL_PORT, targetPort: "mysql" }];
    const headless = service(
      `${name}-headless`,
      { ...front, name: `${base}-headless`, spec: { clusterIP: "None", publishNotReadyAddresses: true, ports } },
      own,
    );
    const readers = service(
      `${name}-readers`,
      { ...front, name: `${base}-readers`, spec: transformed(args.transform?.readersService, { ports }) },
      own,
    );
    const writer = service(
      `${name}-service`,
      {
        ...front,
        name: base,
        selector: { [POD_NAME_LABEL]: servers[0] },
        // There is only one primary, ready or not, and a new primary must not wait for its next readiness probe.
        spec: { publishNotReadyAddresses: true, ports },
      },
      { ...own, ignoreChanges: ["spec.selector"] },
    );
    const keepPrimary = keepingPrimary(base, servers, args.kubeContext);
    new Controller(
      `${name}-controller`,
      {
        beforeSettings: keepPrimary,
        base,
        identity: { ...IDENTITIES.mysqlController, instance: name },
        namespace,
        servers: this.endpoint,
        apiServer: args.apiServer,
        scraping: args.scraping,
        pods: args.pods,
        image: args.nodeImage,
        settings: {
          servers,
          hostSuffix,
          semiSync,
          failover,
          rotateLogsSeconds: args.logs === undefined ? undefined : ROTATE_LOGS_SECONDS,
        },
        credentialsSecret: this.accounts.controlSecret,
        caConfigMap: tls.caConfigMap,
        transform: args.transform?.deployment,
      },
      { ...own, dependsOn: writer },
    );
    const to = [this.endpoint, ...(args.logs === undefined ? [] : [args.logs.outside.endpoint])];
    const policy = connections(
      `${name}-connections`,
      {
        ...front,
        name: base,
        from: [
          { peers: [connecting(this.endpoint)], ports: [MYSQL_PORT] },
          scrapers(args.scraping, METRICS.mysql.port),
        ],
        to,
      },
      own,
    );
    const statefulSet = this.makeStatefulSet(name, base, args, tls, to, policy, keepPrimary);
    rollout(
      `${name}-rollout`,
      {
        statefulSet,
        statefulSetName: base,
        namespace,
        kubeContext: args.kubeContext,
        stalledAfterSeconds: STALLED_SECONDS,
      },
      own,
    );
    // A server that is not ready may have transactions that no other server has.
    if (args.servers > 1)
      disruptionBudget(`${name}-disruption-budget`, { ...front, name: base, evictUnready: false }, own);

    this.caConfigMap = tls.caConfigMap;
    this.caCertificates = tls.caCertificates;
    this.services = { client: writer.metadata.name, readers: readers.metadata.name, headless: headless.metadata.name };
    this.registerOutputs({ services: this.services });
  }

  private makeStatefulSet(
    name: string,
    base: string,
    args: MySqlArgs,
    tls: Tls,
    to: readonly Endpoint[],
    policy: pulumi.Resource,
    keepPrimary: pulumi.ResourceHook,
  ): k8s.apps.v1.StatefulSet {
    const own = { parent: this };
    const identity = identityOf(name);
    const metadata = { namespace: args.namespace, labels: labels(identity) };
    const footprint = mysqlFootprint({ ...args, shipsLogs: args.logs !== undefined });
    const options = myCnf({ ...args, memoryLimitBytes: memoryBytes(args.resources.limits.memory) });
    const scripts = {
      "start-mysql.sh": podFile(__dirname, "scripts", "start-mysql.sh"),
      "check-mysql.sh": podFile(__dirname, "scripts", "check-mysql.sh"),
    };
    const sidecar =
      args.logs === undefined
        ? undefined
        : binlogSidecar({
            ...args.logs,
            scripts: new k8s.core.v1.ConfigMap(
              `${name}-binlog-scripts`,
              { metadata: { ...metadata, name: `${base}-binlog-scripts` }, data: BINLOG_SCRIPTS },
              own,
            ).metadata.name,
          });
    const files = Object.values({ ...scripts, ...(sidecar && BINLOG_SCRIPTS) });
    const config = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: { ...metadata, name: `${base}-config` }, data: { "my.cnf": options } },
      own,
    );
    const scriptMap = new k8s.core.v1.ConfigMap(
      `${name}-scripts`,
      { metadata: { ...metadata, name: `${base}-scripts` }, data: scripts },
      own,
    );
    const storageClassName = retainedClassName(
      `${name}-storage-class`,
      { className: args.storageClass, key: "mysql.storageClass", required: args.protect },
      own,
    );
    const account = serviceAccount(`${name}-service-account`, { name: base, namespace: args.namespace, identity }, own);

    const claims = { ...args, section: "mysql", statefulSet: base } as const;
    const grow = growingClaims(claims);
    return new k8s.apps.v1.StatefulSet(
      `${name}-server`,
      transformed<k8s.apps.v1.StatefulSetArgs>(args.transform?.statefulSet, {
        metadata: {
          ...metadata,
          name: base,
          annotations: { ...AWAITED, ...claimsNoted(claims), [DATA_MARKS.backup]: args.backupCronJob },
        },
        spec: {
          serviceName: `${base}-headless`,
          // OrderedReady would wait for a broken pod to become ready, and never give it the corrected template.
          podManagementPolicy: "Parallel",
          replicas: footprint.pods,
          revisionHistoryLimit: 5,
          selector: { matchLabels: selectorLabels(identity) },
          ...retainedClaim({ storageClassName, storageGiB: footprint.claimsGiB[0] }),
          template: podTemplate({
            identity,
            uid: USERS.mysql,
            pods: args.pods,
            needs: args.servers > 1 ? { apart: args.spread, overZones: true } : {},
            to,
            annotations: {
              ...scrapeAnnotations(args.scraping, METRICS.mysql),
              "nacos-platform/config": checksum(options, ACCOUNT_STATEMENTS, ...files),
            },
            spec: {
              serviceAccountName: account.metadata.name,
              // A clean shutdown flushes the buffer pool, so that the next start needs no recovery.
              terminationGracePeriodSeconds: 120,
              initContainers: sidecar === undefined ? [] : [sidecar.container],
              containers: mysqlContainers(args, footprint),
              volumes: [
                { name: "config", configMap: { name: config.metadata.name } },
                { name: "scripts", configMap: { name: scriptMap.metadata.name } },
                { name: "init", secret: { secretName: this.accounts.initSecret, defaultMode: 0o440 } },
                { name: "credentials", secret: { secretName: this.accounts.probeSecret, defaultMode: 0o440 } },
                { name: "monitor", secret: { secretName: this.accounts.monitorSecret, defaultMode: 0o440 } },
                { name: "tls", secret: { secretName: tls.serverSecret, defaultMode: 0o440 } },
                ...emptyDirVolumes(EMPTY_DIRS),
                ...(sidecar?.volumes ?? []),
              ],
            },
          }),
        },
      }),
      {
        ...own,
        protect: args.protect,
        dependsOn: policy,
        ignoreChanges: ["spec.volumeClaimTemplates"], // the hook changes the claims
        hooks: {
          beforeCreate: [afterPredecessor("StatefulSet", base, args.kubeContext), grow],
          beforeUpdate: [keepPrimary, grow],
        },
      },
    );
  }
}
