import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Destination } from "../contract/outputs";
import { labels, selectorLabels, type Identity } from "../contract/identities";

type NetworkPolicyPeer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type Labels = Readonly<Record<string, string>>;

/** One end of a connection in network policies: pods of the stack's namespace, namespaces with all these labels, or addresses. */
export type Peer = { readonly pods: Labels } | { readonly namespaces: Labels } | { readonly cidrs: readonly string[] };

/** Something that listens. */
export interface Endpoint {
  /** Part of the label with which clients declare the connection, see {@link connectionLabels}. */
  readonly name: string;
  readonly peers: readonly Peer[];
  /** TCP. */
  readonly ports: readonly number[];
}

/** An endpoint: the pods of a workload. */
export function endpointOf(name: string, identity: Identity, ports: readonly number[]): Endpoint {
  return { name, peers: [{ pods: selectorLabels(identity) }], ports };
}

/** The API server. @param cidrs addresses behind its Service */
export function apiServer(cidrs: readonly string[], ports: readonly number[]): Endpoint {
  return { name: "api-server", peers: [{ cidrs }], ports };
}

/** The pods that declare a connection to an endpoint, for the policy of its pods. */
export function connecting({ name }: Pick<Endpoint, "name">): Peer {
  return { pods: { [connectsTo(name)]: "true" } };
}

/** Labels of a pod that connects to these endpoints. */
export function connectionLabels(to: readonly Endpoint[]): Record<string, string> {
  return Object.fromEntries(to.map(({ name }) => [connectsTo(name), "true"]));
}

function connectsTo(name: string): string {
  return `nacos-platform/connects-to-${name}`;
}

/** An endpoint for clients in other namespaces, as an output of the stack. */
export function destinationOf({ peers, ports }: Endpoint): Destination {
  return Object.assign({ ports }, ...peers) as Destination;
}

export interface ConnectionsArgs {
  /** Name of the policy in the cluster. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  /** Identity of the pods. */
  readonly identity: Identity;
  /** Who may connect to these pods, and on which TCP ports. Absent if nobody may. */
  readonly from?: readonly { readonly peers: readonly Peer[]; readonly ports: readonly number[] }[];
  /** What these pods connect to. They carry {@link connectionLabels} of the same. */
  readonly to: readonly Endpoint[];
}

/** A policy for the connections of one workload, in both directions. The namespace's default policies deny all others. */
export function connections(
  name: string,
  { namespace, identity, from, to, ...args }: ConnectionsArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy {
  return new k8s.networking.v1.NetworkPolicy(
    name,
    {
      metadata: { name: args.name, namespace, labels: labels(identity) },
      spec: {
        podSelector: { matchLabels: selectorLabels(identity) },
        policyTypes: [...(from === undefined ? [] : ["Ingress"]), "Egress"],
        ...(from === undefined
          ? {}
          : { ingress: from.map(({ peers, ports }) => ({ from: peers.flatMap(peersOf), ports: tcp(ports) })) }),
        egress: to.map(({ peers, ports }) => ({ to: peers.flatMap(peersOf), ports: tcp(ports) })),
      },
    },
    opts,
  );
}

function peersOf(peer: Peer): NetworkPolicyPeer[] {
  if ("pods" in peer) return [{ podSelector: { matchLabels: { ...peer.pods } } }];
  if ("namespaces" in peer) return [{ namespaceSelector: { matchLabels: { ...peer.namespaces } } }];
  return peer.cidrs.map((cidr) => ({ ipBlock: { cidr } }));
}

export function tcp(ports: readonly number[]): k8s.types.input.networking.v1.NetworkPolicyPort[] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}
