import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels, selectorLabels } from "../../contract/identities";
import { disruptionBudget } from "../../kube/disruption-budget";
import { connections } from "../../kube/connections";
import { emptyDirVolumes, withDisk } from "../../kube/ephemeral-storage";
import type { WorkloadFootprint } from "../../kube/footprint";
import { checksum, containerSecurity, podTemplate } from "../../kube/pod";
import type { Product, Shared } from "../../kube/product";
import { service } from "../../kube/service";
import { serviceAccount } from "../../kube/service-account";

const PORT = 8080;
const UID = 101;
const EMPTY_DIRS = { tmp: 16 };

export interface StaticWebArgs {
  /** A web server that serves /site on port 8080 as any user, without writing anything outside /tmp. */
  readonly image: string;
  /** Content by file name: "index.html". */
  readonly files: Readonly<Record<string, string>>;
  /** Namespaces with all these labels may reach it. */
  readonly clientNamespaceLabels: Readonly<Record<string, string>>;
}

/** Its line in products.ts. @param name of the component, and in the cluster */
export function staticWeb(name: string, args: StaticWebArgs): Product {
  return { footprint: footprintOf(name), create: (shared, opts) => new StaticWeb(name, { ...shared, ...args }, opts) };
}

function footprintOf(name: string): WorkloadFootprint {
  const resources = withDisk(
    { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
    EMPTY_DIRS,
  );
  return {
    workload: `Deployment/${name}`,
    pods: 2,
    surgePods: 1,
    containers: { web: resources },
    initContainers: {},
    claimsGiB: [],
  };
}

/** A static web server of the user's beside Nacos: the house rules, a page for each team. */
export class StaticWeb extends pulumi.ComponentResource {
  /** Name of its Service. */
  readonly serviceName: pulumi.Output<string>;

  constructor(
    name: string,
    args: StaticWebArgs & Pick<Shared, "namespace" | "pods" | "services">,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nacos-platform:examples:StaticWeb", name, {}, opts);

    const own = { parent: this };
    const identity = { name: "static-web", instance: name, component: "server" };
    const metadata = { name, namespace: args.namespace, labels: labels(identity) };
    const footprint = footprintOf(name);
    const site = new k8s.core.v1.ConfigMap(
      `${name}-site`,
      { metadata: { ...metadata, name: `${name}-site` }, data: { ...args.files } },
      own,
    );
    const account = serviceAccount(`${name}-service-account`, { ...metadata, identity }, own);
    const policy = connections(
      `${name}-connections`,
      { ...metadata, identity, from: [{ peers: [{ namespaces: args.clientNamespaceLabels }], ports: [PORT] }], to: [] },
      own,
    );
    disruptionBudget(`${name}-disruption-budget`, { ...metadata, identity, evictUnready: true }, own);
    const answers = { httpGet: { path: "/", port: "http" } };
    new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: {
          replicas: footprint.pods,
          selector: { matchLabels: selectorLabels(identity) },
          template: podTemplate({
            identity,
            uid: UID,
            pods: args.pods,
            to: [],
            needs: { apart: "preferred" },
            annotations: { "nacos-platform/config": checksum(...Object.values(args.files)) },
            spec: {
              serviceAccountName: account.metadata.name,
              containers: [
                {
                  name: "web",
                  image: args.image,
                  ports: [{ name: "http", containerPort: PORT }],
                  resources: footprint.containers.web,
                  securityContext: containerSecurity,
                  startupProbe: { ...answers, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 30 },
                  readinessProbe: { ...answers, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
                  livenessProbe: { ...answers, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 3 },
                  volumeMounts: [
                    { name: "site", mountPath: "/site", readOnly: true },
                    { name: "tmp", mountPath: "/tmp" },
                  ],
                },
              ],
              volumes: [{ name: "site", configMap: { name: site.metadata.name } }, ...emptyDirVolumes(EMPTY_DIRS)],
            },
          }),
        },
      },
      { ...own, dependsOn: policy },
    );
    this.serviceName = service(
      `${name}-service`,
      {
        name,
        namespace: args.namespace,
        identity,
        settings: args.services,
        spec: { ports: [{ name: "http", port: 80, targetPort: "http" }] },
      },
      own,
    ).metadata.name;
    this.registerOutputs({ serviceName: this.serviceName });
  }
}
