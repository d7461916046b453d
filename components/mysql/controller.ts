import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../contract/settings";
import { CONTROLLER_PORT, METRICS } from "../../contract/ports";
import { BACKUP_CRON_JOBS, mysqlObjects } from "../../contract/objects";
import { bundle, compressed } from "../../kube/bundle";
import { withDisk } from "../../kube/ephemeral-storage";
import type { WorkloadFootprint } from "../../kube/footprint";
import { labels, selectorLabels, type Identity } from "../../contract/identities";
import { connections, type Endpoint } from "../../kube/connections";
import { disruptionBudget } from "../../kube/disruption-budget";
import { scrapeAnnotations, scrapers, type Scraping } from "../../kube/scraping";
import { transformed, type Transform } from "../../kube/transform";
import { USERS } from "../../contract/users";
import { checksum, containerSecurity, podTemplate, type PodSettings } from "../../kube/pod";

export interface ControllerArgs {
  /** Name of the MySQL in the cluster. */
  readonly base: string;
  readonly identity: Identity;
  readonly namespace: pulumi.Input<string>;
  readonly pods: PodSettings;
  /** Node.js 20 or newer. */
  readonly image: pulumi.Input<string>;
  readonly settings: Omit<Settings, "namespace" | "name">;
  /** What runs before the settings of a deployed controller change; absent if MySQL is external. */
  readonly beforeSettings?: pulumi.ResourceHook;
  /** Secret with `control.json` and `replication.json`; absent if MySQL is external. */
  readonly credentialsSecret?: pulumi.Input<string>;
  /** ConfigMap with `ca.crt`. */
  readonly caConfigMap: pulumi.Input<string>;
  /** What it connects to in addition to the API server; absent if MySQL is external. */
  readonly servers?: Endpoint;
  readonly apiServer: Endpoint;
  readonly scraping: Scraping;
  readonly transform?: Transform<k8s.apps.v1.DeploymentArgs>;
}

/** What the controller takes of the namespace's quota. With automatic failover a second one is on standby. */
export function controllerFootprint(failover: "manual" | "automatic"): WorkloadFootprint {
  const resources = withDisk({ requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "500m", memory: "192Mi" } });
  return {
    workload: "Deployment/mysql-controller",
    pods: failover === "automatic" ? 2 : 1,
    surgePods: 1,
    containers: { controller: resources },
    initContainers: {},
    claimsGiB: [],
  };
}

/**
 * Makes the declared primary writable and lets all other servers replicate from it. If failover is automatic, it also
 * promotes a replica. Servers start read-only, so without the controller no server is writable. It also serves the metrics
 * of backups, and only these if MySQL is external. Its program is `runtime/mysql-controller`, bundled.
 */
export class Controller extends pulumi.ComponentResource {
  constructor(name: string, args: ControllerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:mysql:Controller", name, {}, opts);

    const own = { parent: this };
    const { base, identity } = args;
    const objects = mysqlObjects(base);
    const metadata = { namespace: args.namespace, labels: labels(identity) };
    const code = pulumi.output(bundle(join(__dirname, "..", "..", "runtime", "mysql-controller", "main.ts")));
    const { data, binaryData } = code.apply((text) => compressed("controller", text));
    const settings = pulumi
      .output(args.namespace)
      .apply((namespace) => JSON.stringify({ namespace, name: base, ...args.settings } satisfies Settings, null, 2));
    const codeMap = new k8s.core.v1.ConfigMap(
      `${name}-code`,
      { metadata: { ...metadata, name: `${objects.lease}-code` }, data, binaryData },
      own,
    );
    const settingsMap = new k8s.core.v1.ConfigMap(
      `${name}-settings`,
      { metadata: { ...metadata, name: objects.settings }, data: { "settings.json": settings } },
      { ...own, hooks: args.beforeSettings && { beforeUpdate: [args.beforeSettings] } },
    );
    // The stack only creates the lease. Its holder and its annotations belong to the controllers.
    const lease = new k8s.coordination.v1.Lease(
      `${name}-lease`,
      { metadata: { ...metadata, name: objects.lease } },
      own,
    );
    const account = this.makeAccount(name, args);
    const footprint = controllerFootprint(args.settings.failover);
    const to = [...(args.servers === undefined ? [] : [args.servers]), args.apiServer];
    const policy = connections(
      `${name}-connections`,
      {
        ...metadata,
        name: objects.lease,
        identity,
        from: [scrapers(args.scraping, METRICS.controller.port)],
        to,
      },
      own,
    );
    // A single pod needs none: with one, its node could not be drained.
    if (footprint.pods > 1)
      disruptionBudget(
        `${name}-disruption-budget`,
        { ...metadata, name: objects.lease, identity, evictUnready: true },
        own,
      );

    new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      transformed<k8s.apps.v1.DeploymentArgs>(args.transform, {
        metadata: { ...metadata, name: objects.lease },
        spec: {
          replicas: footprint.pods,
          revisionHistoryLimit: 5,
          selector: { matchLabels: selectorLabels(identity) },
          template: podTemplate({
            identity,
            uid: USERS.node,
            pods: args.pods,
            needs: {
              apart: "preferred",
              // Evicted from a failed node at once: there is no failover until a new pod runs elsewhere.
              tolerations: ["not-ready", "unreachable"].map((state) => ({
                key: `node.kubernetes.io/${state}`,
                operator: "Exists",
                effect: "NoExecute",
                tolerationSeconds: 5,
              })),
            },
            to,
            annotations: {
              ...scrapeAnnotations(args.scraping, METRICS.controller),
              "nacos-platform/config": pulumi.all([code, settings]).apply((texts) => checksum(...texts)),
            },
            spec: {
              serviceAccountName: account,
              automountServiceAccountToken: true, // it calls the API server
              terminationGracePeriodSeconds: 10,
              containers: [controllerContainer(args.image, footprint, args.credentialsSecret !== undefined)],
              volumes: [
                { name: "code", configMap: { name: codeMap.metadata.name } },
                { name: "settings", configMap: { name: settingsMap.metadata.name } },
                ...(args.credentialsSecret === undefined
                  ? []
                  : [{ name: "credentials", secret: { secretName: args.credentialsSecret, defaultMode: 0o440 } }]),
                { name: "ca", configMap: { name: args.caConfigMap } },
              ],
            },
          }),
        },
      }),
      { ...own, dependsOn: [lease, policy] },
    );
    this.registerOutputs({});
  }

  /** An account that may read and patch the writer Service and the lease, and read the Jobs of backups and the servers' reports on their binary logs. */
  private makeAccount(name: string, args: ControllerArgs): pulumi.Output<string> {
    const own = { parent: this };
    const objects = mysqlObjects(args.base);
    const metadata = { name: objects.lease, namespace: args.namespace, labels: labels(args.identity) };
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-service-account`,
      { metadata, automountServiceAccountToken: true },
      own,
    );
    const role = new k8s.rbac.v1.Role(
      `${name}-role`,
      {
        metadata,
        rules: [
          { apiGroups: [""], resources: ["services"], resourceNames: [objects.writerService], verbs: ["get", "patch"] },
          {
            apiGroups: ["coordination.k8s.io"],
            resources: ["leases"],
            resourceNames: [objects.lease],
            verbs: ["get", "patch"],
          },
          {
            apiGroups: ["batch"],
            resources: ["cronjobs"],
            resourceNames: [BACKUP_CRON_JOBS.backup, BACKUP_CRON_JOBS.verify],
            verbs: ["get"],
          },
          { apiGroups: ["batch"], resources: ["jobs"], verbs: ["list"] },
          { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
          // An empty list of names would mean every pod.
          ...(args.settings.rotateLogsSeconds === undefined
            ? []
            : [
                {
                  apiGroups: [""],
                  resources: ["pods/log"],
                  resourceNames: [...args.settings.servers],
                  verbs: ["get"],
                },
              ]),
        ],
      },
      own,
    );
    new k8s.rbac.v1.RoleBinding(
      `${name}-role-binding`,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace: args.namespace }],
      },
      own,
    );
    return account.metadata.name;
  }
}

function controllerContainer(
  image: pulumi.Input<string>,
  footprint: WorkloadFootprint,
  signsIn: boolean,
): k8s.types.input.core.v1.Container {
  const alive = { httpGet: { path: "/", port: "http" } };
  return {
    name: "controller",
    image,
    command: ["node", "--max-old-space-size=128", "/code/controller.js"],
    ports: [{ name: "http", containerPort: CONTROLLER_PORT }],
    resources: footprint.containers.controller,
    securityContext: containerSecurity,
    startupProbe: { ...alive, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 30 },
    readinessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
    livenessProbe: { ...alive, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 3 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "code", mountPath: "/code", readOnly: true },
      { name: "settings", mountPath: "/settings", readOnly: true },
      ...(signsIn ? [{ name: "credentials", mountPath: "/credentials", readOnly: true }] : []),
      { name: "ca", mountPath: "/ca", readOnly: true },
    ],
  };
}
