import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Destination } from "../contract/outputs";
import { labels, selectorLabels, type Identity } from "../contract/identities";

type NetworkPolicyPeer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type Labels = Readonly<Record<string, string>>;

/** One end of a connection, as network policies see it: pods of the stack's namespace, namespaces with all these labels, or addresses. */
export type Peer = { readonly pods: Labels } | { readonly namespaces: Labels } | { readonly cidrs: readonly string[] };

/** Something that listens. */
export interface Endpoint {
  /** By this name its own policy admits whoever connects to it. */
  readonly name: string;
  readonly peers: readonly Peer[];
  /** TCP. */
  readonly ports: readonly number[];
}

/** Pods of a workload that others connect to. */
export function endpointOf(name: string, identity: Identity, ports: readonly number[]): Endpoint {
  return { name, peers: [{ pods: selectorLabels(identity) }], ports };
}

/** The pods that declare a connection to an endpoint, for the policy of those who serve it. */
export function connecting({ name }: Pick<Endpoint, "name">): Peer {
  return { pods: { [connectsTo(name)]: "true" } };
}

/** Labels of a pod that connects to these. */
export function connectionLabels(to: readonly Endpoint[]): Record<string, string> {
  return Object.fromEntries(to.map(({ name }) => [connectsTo(name), "true"]));
}

function connectsTo(name: string): string {
  return `nacos-platform/connects-to-${name}`;
}

/** The same for those who are outside the namespace, as an output of the stack. */
export function destinationOf({ peers, ports }: Endpoint): Destination {
  return Object.assign({ ports }, ...peers) as Destination;
}

export interface ConnectionsArgs {
  /** Name of the policy in the cluster. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  /** Whose connections these are. */
  readonly identity: Identity;
  /** Who may connect to these pods, and on which TCP ports. Absent if they serve nobody. */
  readonly from?: readonly { readonly peers: readonly Peer[]; readonly ports: readonly number[] }[];
  /** What they connect to. Their pods carry {@link connectionLabels} of the same. */
  readonly to: readonly Endpoint[];
}

/** The connections of one workload, from both its ends. All others stay denied by the namespace's own policies. */
export function connections(name: string, { namespace, identity, from, to, ...args }: ConnectionsArgs, opts: pulumi.CustomResourceOptions): k8s.networking.v1.NetworkPolicy {
  return new k8s.networking.v1.NetworkPolicy(name, {
    metadata: { name: args.name, namespace, labels: labels(identity) },
    spec: {
      podSelector: { matchLabels: selectorLabels(identity) },
      policyTypes: [...(from === undefined ? [] : ["Ingress"]), "Egress"],
      ...(from === undefined ? {} : { ingress: from.map(({ peers, ports }) => ({ from: peers.flatMap(peersOf), ports: tcp(ports) })) }),
      egress: to.map(({ peers, ports }) => ({ to: peers.flatMap(peersOf), ports: tcp(ports) })),
    },
  }, opts);
}

function peersOf(peer: Peer): NetworkPolicyPeer[] {
  if ("pods" in peer) return [{ podSelector: { matchLabels: { ...peer.pods } } }];
  if ("namespaces" in peer) return [{ namespaceSelector: { matchLabels: { ...peer.namespaces } } }];
  return peer.cidrs.map((cidr) => ({ ipBlock: { cidr } }));
}

function tcp(ports: readonly number[]): k8s.types.input.networking.v1.NetworkPolicyPort[] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}
