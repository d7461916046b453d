import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels, type Identity } from "../../contract/identities";
import type { ExposedClients } from "../../contract/outputs";
import { NACOS_PORTS } from "../../contract/ports";
import type { ConnectionsArgs } from "../../kube/connections";
import { service, type ServiceSettings } from "../../kube/service";
import { consolePaths } from "./console-paths";
import type { Exposure } from "./exposure-config";
import type { NacosFacts } from "./versions";

/** What clients connect to, in every Service for them. */
export const CLIENT_PORTS = [
  { name: "http", port: NACOS_PORTS.http, targetPort: "http" },
  { name: "client-grpc", port: NACOS_PORTS.clientGrpc, targetPort: "client-grpc" },
] as const;

/** The distance between the two, on which clients rely. */
const GRPC_OFFSET = NACOS_PORTS.clientGrpc - NACOS_PORTS.http;

/** Nothing is reached from outside. */
export const NOT_EXPOSED: Exposure = { clients: { mode: "none" }, console: { mode: "none" } };

/** Who may connect from outside, for the network policy of the servers. */
export function admitted(
  { clients, console }: Exposure,
  { consolePort }: Pick<NacosFacts, "consolePort">,
): NonNullable<ConnectionsArgs["from"]> {
  return [
    ...(clients.mode === "none"
      ? []
      : [{ peers: [{ cidrs: clients.sourceRanges }], ports: CLIENT_PORTS.map(({ port }) => port) }]),
    ...(console.mode === "none" ? [] : [{ peers: controllerOf(console), ports: [consolePort] }]),
  ];
}

function controllerOf({
  controllerNamespace,
  controllerCidrs,
}: Extract<Exposure["console"], { mode: "ingress" }>): NonNullable<ConnectionsArgs["from"]>[number]["peers"] {
  return [
    ...(controllerNamespace === undefined
      ? []
      : [{ namespaces: { "kubernetes.io/metadata.name": controllerNamespace } }]),
    ...(controllerCidrs === undefined ? [] : [{ cidrs: controllerCidrs }]),
  ];
}

export interface ExposureArgs {
  /** Name in the cluster of the StatefulSet. */
  readonly base: string;
  readonly namespace: pulumi.Input<string>;
  readonly identity: Identity;
  readonly settings: ServiceSettings;
  readonly exposure: Exposure;
  readonly facts: NacosFacts;
  /** Service of the console, and its port. */
  readonly consoleService: pulumi.Input<string>;
}

/** Where Nacos is reached from outside, as outputs of the stack. */
export interface Exposed {
  readonly exposedClients?: pulumi.Output<ExposedClients>;
  readonly consoleUrl?: string;
}

/** What makes Nacos reachable from outside. The network policy of the servers has to admit the same, see {@link admitted}. */
export function expose(name: string, args: ExposureArgs, opts: pulumi.CustomResourceOptions): Exposed {
  return { ...exposeClients(name, args, opts), ...exposeConsole(name, args, opts) };
}

function exposeClients(
  name: string,
  { base, namespace, identity, settings, exposure: { clients } }: ExposureArgs,
  opts: pulumi.CustomResourceOptions,
): Pick<Exposed, "exposedClients"> {
  if (clients.mode === "none") return {};
  const type: k8s.types.input.core.v1.ServiceSpec =
    clients.mode === "nodePort"
      ? { type: "NodePort", ports: nodePorts(clients.httpPort) }
      : {
          type: "LoadBalancer",
          ports: [...CLIENT_PORTS],
          loadBalancerClass: clients.loadBalancerClass,
          loadBalancerSourceRanges: [...clients.sourceRanges],
        };
  const { metadata } = service(
    `${name}-external`,
    {
      name: `${base}-external`,
      namespace,
      identity,
      settings,
      annotations: clients.mode === "loadBalancer" ? clients.annotations : {},
      // Local, so that a network policy sees the client's address. With Cluster, kube-proxy replaces it by the address of a
      // node, and the policy could only admit everybody whom any node forwards.
      spec: { ...type, externalTrafficPolicy: "Local" },
    },
    // Kubernetes refuses to change the class of a load balancer.
    { ...opts, replaceOnChanges: ["spec.loadBalancerClass"] },
  );
  const http = clients.mode === "nodePort" ? clients.httpPort : NACOS_PORTS.http;
  return {
    exposedClients: metadata.name.apply((service) => ({ service, ports: [http, http + GRPC_OFFSET] as const })),
  };
}

function nodePorts(httpPort: number): k8s.types.input.core.v1.ServicePort[] {
  return CLIENT_PORTS.map((port) => ({ ...port, nodePort: httpPort + port.port - NACOS_PORTS.http }));
}

function exposeConsole(
  name: string,
  { base, namespace, identity, exposure: { console }, facts, consoleService }: ExposureArgs,
  opts: pulumi.CustomResourceOptions,
): Pick<Exposed, "consoleUrl"> {
  if (console.mode === "none") return {};
  const { host } = console;
  const backend = { service: { name: consoleService, port: { name: "console" } } };
  new k8s.networking.v1.Ingress(
    `${name}-console-ingress`,
    {
      metadata: {
        name: `${base}-console`,
        namespace,
        labels: labels(identity),
        // Not every controller writes the address that Pulumi would wait for.
        annotations: { ...console.annotations, "pulumi.com/skipAwait": "true" },
      },
      spec: {
        ingressClassName: console.className,
        tls: [{ hosts: [host], secretName: console.tlsSecret }],
        rules: [{ host, http: { paths: consolePaths(facts).map((path) => ({ ...path, backend })) } }],
      },
    },
    opts,
  );
  return { consoleUrl: `https://${host}${facts.consolePath}` };
}
