import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MEMBERS_PORT, METRICS, NACOS_PORTS } from "../../contract/ports";
import { AUTH_MARK, DATA_MARKS, PASSWORD_MARK } from "../../contract/objects";
import { connecting, connections, endpointOf, type Endpoint } from "../../kube/connections";
import { disruptionBudget } from "../../kube/disruption-budget";
import { IDENTITIES, labels, selectorLabels, type Identity } from "../../contract/identities";
import { checksum, podFile, podTemplate, type PodSettings } from "../../kube/pod";
import { retainedClaim } from "../../kube/retained-claim";
import { claimsNoted, growingClaims } from "../../kube/claims";
import { afterPredecessor, AWAITED, rollout } from "../../kube/rollout";
import { scaleOwner, takingBack } from "../../kube/scale-owner";
import { scrapeAnnotations, scrapers, type Scraping } from "../../kube/scraping";
import type { ServiceSettings } from "../../kube/service";
import { transformed, type Transform } from "../../kube/transform";
import { retainedClassName } from "../../kube/storage-class";
import { USERS } from "../../contract/users";
import { authSecret } from "./auth-secret";
import { nacosAutoscaler } from "./autoscaling";
import { admitted, CLIENT_PORTS, expose, NOT_EXPOSED, type Exposed } from "./exposure";
import type { Exposure } from "./exposure-config";
import { nacosFootprint, type NacosSizing } from "./footprint";
import { members } from "./members";
import { allowedVersions, updateStrategy } from "./upgrade";
import { confContainer, serverContainer, volumes, type NacosPodArgs } from "./pod";
import { propertiesFile } from "./properties";
import { services, type ServiceTransforms } from "./services";
import type { SeriesUpgrade } from "./fields";
import { type NacosFacts } from "./versions";

/** How long a server may take to end, start and join the others. */
const STALLED_SECONDS = 600;

/** Changes to the resources that are created, see {@link Transform}. */
export interface NacosTransforms extends ServiceTransforms {
  readonly statefulSet?: Transform<k8s.apps.v1.StatefulSetArgs>;
  readonly autoscaler?: Transform<k8s.autoscaling.v2.HorizontalPodAutoscalerArgs>;
}

export interface NacosArgs extends NacosSizing {
  /** Name in the cluster of the StatefulSet and the client Service, and prefix of the other objects' names. Default: the component's name. */
  readonly kubernetesName?: string;
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig, with which an update waits for the rollout of the servers. */
  readonly kubeContext: string;
  /** DNS suffix of the namespace's Services: `<namespace>.svc.<cluster domain>`. */
  readonly serviceDomain: pulumi.Input<string>;
  readonly pods: PodSettings;
  readonly services: ServiceSettings;
  readonly apiServer: Endpoint;
  readonly scraping: Scraping;
  /** Node.js 20 or newer. */
  readonly nodeImage: pulumi.Input<string>;
  readonly image: string;
  /** What the image's version implies. */
  readonly facts: NacosFacts;
  /** What to do with an upgrade from 2.x to 3.x, see the configuration. */
  readonly seriesUpgrade: SeriesUpgrade;
  readonly spread: "preferred" | "required";
  /** Maximum number of database connections of each server. */
  readonly databasePoolSize: pulumi.Input<number>;
  /** Further properties of Nacos and options of its JVM. The configuration has checked them. */
  readonly properties: Readonly<Record<string, string>>;
  readonly jvmOptions: pulumi.Input<readonly string[]>;
  readonly database: NacosPodArgs["database"] & {
    /** Another mark restarts the servers: their account has another password. */
    readonly mark: pulumi.Input<string>;
    readonly endpoint: Endpoint;
    /** Certificates of the CAs. A change restarts the servers, which read them at their start. */
    readonly trust: pulumi.Input<string>;
  };
  /** Namespaces with all these labels may reach the client and console ports. */
  readonly clientNamespaceLabels: Readonly<Record<string, string>>;
  /** How clients and browsers outside the cluster reach Nacos. Default: not at all. */
  readonly exposure?: Exposure;
  /** Whether Pulumi refuses to delete or replace the StatefulSet and the token key. */
  readonly protect: boolean;
  readonly transform?: NacosTransforms;
}

/** The component's name is part of the pods' selector, so that two components fit into one namespace. */
function identityOf(name: string): Identity {
  return { ...IDENTITIES.nacos, instance: name };
}

/** The HTTP port for the stack's pods that are no servers. @param name of the component */
export function httpEndpoint(name: string): Endpoint {
  return endpointOf(`${name}-http`, identityOf(name), [NACOS_PORTS.http]);
}

/**
 * A Nacos cluster that keeps its configuration in MySQL and requires a login. Clients need one Service with both the HTTP
 * and the gRPC port; the console has a separate Service.
 */
export class Nacos extends pulumi.ComponentResource {
  /** `host:port` for the HTTP of clients. */
  readonly clientAddress: pulumi.Output<string>;
  /** `host:port` for the gRPC of clients, which they derive from the HTTP port. */
  readonly grpcAddress: pulumi.Output<string>;
  /** URL of the web console. */
  readonly consoleAddress: pulumi.Output<string>;
  readonly clientServiceName: pulumi.Output<string>;
  readonly headlessServiceName: pulumi.Output<string>;
  /** What clients connect to. */
  readonly endpoint: Endpoint;
  readonly consoleServiceName: pulumi.Output<string>;
  readonly exposed: Exposed;
  /** Secret with `token`, `identityKey`, `identityValue`. */
  readonly authSecret: pulumi.Output<string>;

  constructor(name: string, args: NacosArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:nacos:Nacos", name, {}, opts);

    const { consolePort, consolePath } = args.facts;
    const base = args.kubernetesName ?? name;
    this.endpoint = endpointOf(base, identityOf(name), [
      ...new Set([...CLIENT_PORTS.map(({ port }) => port), consolePort]),
    ]);
    const front = { namespace: args.namespace, identity: identityOf(name), settings: args.services };
    const own = { parent: this };
    const { headless, client, console } = services(
      name,
      { ...front, base, consolePort, transform: args.transform },
      own,
    );
    const { exposure = NOT_EXPOSED, facts } = args;
    this.exposed = expose(name, { ...front, base, exposure, facts, consoleService: console.metadata.name }, own);
    const auth = authSecret(
      `${name}-auth`,
      { name: `${base}-auth`, namespace: args.namespace, identity: identityOf(name), protect: args.protect },
      own,
    );
    this.authSecret = auth.secret;
    const rolledOut = rollout(
      `${name}-rollout`,
      {
        statefulSet: this.makeStatefulSet(name, base, args, auth.mark),
        statefulSetName: base,
        namespace: args.namespace,
        kubeContext: args.kubeContext,
        stalledAfterSeconds: STALLED_SECONDS,
      },
      own,
    );
    const { autoscaling } = args;
    if (autoscaling?.mode === "enabled")
      nacosAutoscaler(
        `${name}-autoscaler`,
        { ...args, base, identity: identityOf(name), autoscaling, transform: args.transform?.autoscaler },
        { ...own, dependsOn: rolledOut },
      );
    // A server that is not ready serves no client, so it need not block the drain of its node.
    if (args.replicas >= 2)
      disruptionBudget(`${name}-disruption-budget`, { ...front, name: base, evictUnready: true }, own);

    const host = (service: string): pulumi.Output<string> => pulumi.interpolate`${service}.${args.serviceDomain}`;
    this.clientServiceName = client.metadata.name;
    this.headlessServiceName = headless.metadata.name;
    this.consoleServiceName = console.metadata.name;
    this.clientAddress = this.clientServiceName.apply(
      (service) => pulumi.interpolate`${host(service)}:${NACOS_PORTS.http}`,
    );
    this.grpcAddress = this.clientServiceName.apply(
      (service) => pulumi.interpolate`${host(service)}:${NACOS_PORTS.clientGrpc}`,
    );
    this.consoleAddress = this.consoleServiceName.apply(
      (service) => pulumi.interpolate`http://${host(service)}:${consolePort}${consolePath}`,
    );
    this.registerOutputs({
      clientAddress: this.clientAddress,
      grpcAddress: this.grpcAddress,
      consoleAddress: this.consoleAddress,
    });
  }

  private makeStatefulSet(
    name: string,
    base: string,
    args: NacosArgs,
    authMark: pulumi.Input<string>,
  ): k8s.apps.v1.StatefulSet {
    const own = { parent: this };
    const identity = identityOf(name);
    const metadata = { namespace: args.namespace, labels: labels(identity) };
    const footprint = nacosFootprint(args);
    const pod: NacosPodArgs = { ...args, base, footprint, authSecret: this.authSecret };
    const files = {
      "start-nacos.sh": podFile(__dirname, "scripts", "start-nacos.sh"),
      "ask-members.sh": podFile(__dirname, "scripts", "ask-members.sh"),
      "leave.sh": podFile(__dirname, "scripts", "leave.sh"),
      "logback.xml": podFile(__dirname, "scripts", "logback.xml"),
      "stack.properties": propertiesFile(args.properties),
    };
    const scripts = new k8s.core.v1.ConfigMap(
      `${name}-scripts`,
      { metadata: { ...metadata, name: `${base}-scripts` }, data: files },
      own,
    );
    const storageClassName = retainedClassName(
      `${name}-storage-class`,
      { className: args.storageClass, key: "nacos.storageClass", required: args.protect },
      own,
    );
    const peers = endpointOf(base, identity, [...Object.values(NACOS_PORTS), MEMBERS_PORT]);
    const to = [args.database.endpoint, peers, args.apiServer];
    const policy = connections(
      `${name}-connections`,
      {
        ...metadata,
        name: base,
        identity,
        from: [
          { peers: [{ namespaces: args.clientNamespaceLabels }], ports: this.endpoint.ports },
          { peers: peers.peers, ports: peers.ports },
          { peers: [connecting(httpEndpoint(name))], ports: [NACOS_PORTS.http] },
          scrapers(args.scraping, METRICS.nacos.port, METRICS.members.port),
          ...admitted(args.exposure ?? NOT_EXPOSED, args.facts),
        ],
        to,
      },
      own,
    );
    const membership = members(
      name,
      { ...args, base, identity, version: args.facts.version, authSecret: this.authSecret },
      own,
    );
    const isAutoscaled = args.autoscaling?.mode === "enabled";
    const claims = {
      ...args,
      section: "nacos",
      statefulSet: base,
      mostServers: isAutoscaled ? footprint.pods : undefined,
    } as const;
    const grow = growingClaims(claims);
    const owner = scaleOwner(isAutoscaled);
    const takeBack = takingBack({
      ...args,
      workload: `StatefulSet ${base}`,
      autoscaler: base,
      kind: "statefulsets",
      key: "nacos-platform:nacos.replicas",
    });
    return new k8s.apps.v1.StatefulSet(
      `${name}-server`,
      transformed<k8s.apps.v1.StatefulSetArgs>(args.transform?.statefulSet, {
        metadata: {
          ...metadata,
          name: base,
          annotations: {
            ...AWAITED,
            ...claimsNoted(claims),
            ...owner.annotations,
            [DATA_MARKS.noBackup]: "configurations are in MySQL, and backups of MySQL have what is in Raft only",
          },
        },
        spec: {
          serviceName: `${base}-headless`,
          replicas: args.replicas,
          revisionHistoryLimit: 5,
          // All servers start at the same time, because a server waits for the others. Updates still go one by one.
          podManagementPolicy: "Parallel",
          // Instances that were registered at the restarted server move to another one before the next server restarts.
          minReadySeconds: args.replicas === 1 ? 0 : 15,
          updateStrategy: updateStrategy(args.facts.version, args.seriesUpgrade),
          selector: { matchLabels: selectorLabels(identity) },
          ...retainedClaim({ storageClassName, storageGiB: footprint.claimsGiB[0] }),
          template: podTemplate({
            identity,
            uid: USERS.nacos,
            pods: args.pods,
            needs: { apart: args.spread, overZones: true },
            to,
            annotations: {
              ...scrapeAnnotations(args.scraping, METRICS.nacos),
              "nacos-platform/config": pulumi
                .output(args.database.trust)
                .apply((trust) => checksum(...Object.values(files), trust)),
              [PASSWORD_MARK]: args.database.mark,
              // The servers read the token key and the server identity at their start, and refuse each other if they differ.
              [AUTH_MARK]: authMark,
              "nacos-platform/members": membership.mark,
            },
            spec: {
              serviceAccountName: membership.serviceAccount,
              // Servers that leave the cluster do so one after the other.
              terminationGracePeriodSeconds: 300,
              initContainers: [confContainer(pod), membership.container],
              containers: [serverContainer(pod)],
              volumes: [...volumes(scripts.metadata.name, pod), ...membership.volumes],
            },
          }),
        },
      }),
      {
        ...own,
        protect: args.protect,
        dependsOn: policy,
        ignoreChanges: ["spec.volumeClaimTemplates", ...owner.ignoreChanges], // the hook changes the claims
        hooks: {
          beforeCreate: [afterPredecessor("StatefulSet", base, args.kubeContext), grow],
          beforeUpdate: [
            allowedVersions(base, args.facts.version, args.seriesUpgrade, args.kubeContext),
            takeBack,
            grow,
          ],
        },
      },
    );
  }
}
