import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels } from "../../contract/identities";
import type { Destination } from "../../contract/outputs";
import { tcp } from "../../kube/connections";
import { TENANT } from "./identity";

type NetworkPolicyPeer = k8s.types.input.networking.v1.NetworkPolicyPeer;

export interface AccessArgs {
  /** Name of the tenant. */
  readonly tenant: string;
  /** The tenant's namespace, and the platform's. */
  readonly namespace: string;
  readonly platform: string;
  /** What the tenant connects to, by a word that becomes part of the policies' names. */
  readonly destinations: Readonly<Record<string, Destination>>;
}

/** Kubernetes labels each namespace with its name, and nobody can set this label to another name. */
const named = (namespace: string) => ({ matchLabels: { "kubernetes.io/metadata.name": namespace } });

/** Policies in the platform's namespace that admit all pods of the tenant to what runs there. */
export function admit(
  name: string,
  { tenant, namespace, platform, destinations }: AccessArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  for (const [word, { pods, ports }] of Object.entries(destinations)) {
    if (pods === undefined) continue;
    new k8s.networking.v1.NetworkPolicy(
      `${name}-admits-to-${word}`,
      {
        metadata: { name: `tenant-${tenant}-${word}`, namespace: platform, labels: labels(TENANT) },
        spec: {
          podSelector: { matchLabels: { ...pods } },
          policyTypes: ["Ingress"],
          ingress: [{ from: [{ namespaceSelector: named(namespace) }], ports: tcp(ports) }],
        },
      },
      opts,
    );
  }
}

/** A policy in the tenant's namespace that allows all its pods to connect to the same destinations. */
export function letOut(
  name: string,
  { namespace, platform, destinations }: AccessArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const peers = ({ pods, cidrs = [] }: Destination): NetworkPolicyPeer[] =>
    pods === undefined
      ? cidrs.map((cidr) => ({ ipBlock: { cidr } }))
      : [{ namespaceSelector: named(platform), podSelector: { matchLabels: { ...pods } } }];
  new k8s.networking.v1.NetworkPolicy(
    `${name}-platform`,
    {
      metadata: { name: "allow-platform", namespace, labels: labels(TENANT) },
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: Object.values(destinations).map((destination) => ({
          to: peers(destination),
          ports: tcp(destination.ports),
        })),
      },
    },
    opts,
  );
}
