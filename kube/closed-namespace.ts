import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Amounts, ObjectQuota, Quota, Ratios } from "../config/namespace-fields";
import { resourceName, RESOURCES } from "../config/rules";
import type { Dns } from "../contract/dns";
import { labels, type Identity } from "../contract/identities";
import { OWNER } from "./own-namespace";

export interface ClosedNamespaceArgs {
  /** Name of the namespace. */
  readonly namespace: string;
  /** Name of its quota and of its limits. */
  readonly limits: string;
  readonly identity: Identity;
  /** The stack, with its project. */
  readonly owner: string;
  /** Of the namespace, in addition to its own. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly quota: Quota & Partial<ObjectQuota>;
  /** Where its pods send DNS queries. */
  readonly dns: Dns;
  /** Resources of a container that sets none. */
  readonly containerDefault: { readonly requests: Amounts; readonly limits: Amounts };
  /** Largest limits that a container may have. */
  readonly containerMax: Amounts;
  /** Smallest requests, and largest multiples of the requests that limits may be. */
  readonly containerMin?: Amounts;
  readonly maxLimitRequestRatio?: Ratios;
}

/**
 * A namespace under Pod Security `restricted`, with a quota, limits, and network policies that deny everything except
 * connections to DNS. Everything else in it is created after these.
 *
 * @param opts of the namespace; the resources in it have the same parent
 */
export function closedNamespace(
  name: string,
  args: ClosedNamespaceArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const level = (mode: string) => ({
    [`pod-security.kubernetes.io/${mode}`]: "restricted",
    [`pod-security.kubernetes.io/${mode}-version`]: "latest",
  });
  const namespace = new k8s.core.v1.Namespace(
    `${name}-namespace`,
    {
      metadata: {
        name: args.namespace,
        labels: { ...args.labels, ...labels(args.identity), ...level("enforce"), ...level("audit"), ...level("warn") },
        annotations: { ...args.annotations, [OWNER]: args.owner },
      },
    },
    opts,
  );
  const inside = { parent: opts.parent, dependsOn: namespace };
  makeLimits(name, args, inside);
  makeNetworkPolicies(name, args, inside);
  return namespace;
}

function makeLimits(
  name: string,
  { namespace, identity, quota, ...args }: ClosedNamespaceArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  // First, because the quota refuses containers that set nothing and get no defaults.
  const dependsOn = new k8s.core.v1.LimitRange(
    `${name}-limits`,
    {
      metadata: { name: args.limits, namespace, labels: labels(identity) },
      spec: {
        limits: [
          {
            type: "Container",
            defaultRequest: resourceList(args.containerDefault.requests),
            default: resourceList(args.containerDefault.limits),
            max: resourceList(args.containerMax),
            ...(args.containerMin === undefined ? {} : { min: resourceList(args.containerMin) }),
            ...(args.maxLimitRequestRatio === undefined
              ? {}
              : { maxLimitRequestRatio: ratios(args.maxLimitRequestRatio) }),
          },
        ],
      },
    },
    opts,
  );
  new k8s.core.v1.ResourceQuota(
    `${name}-quota`,
    {
      metadata: { name: args.limits, namespace, labels: labels(identity) },
      spec: {
        hard: {
          "requests.cpu": quota.requestsCpu,
          "requests.memory": quota.requestsMemory,
          "requests.ephemeral-storage": quota.requestsEphemeralStorage,
          "limits.cpu": quota.limitsCpu,
          "limits.memory": quota.limitsMemory,
          "limits.ephemeral-storage": quota.limitsEphemeralStorage,
          pods: String(quota.pods),
          persistentvolumeclaims: String(quota.persistentVolumeClaims),
          "requests.storage": `${quota.storageGiB}Gi`,
          ...objects(quota),
        },
      },
    },
    { ...opts, dependsOn },
  );
}

function resourceList(amounts: Amounts): Record<string, string> {
  return Object.fromEntries(RESOURCES.map((resource) => [resourceName(resource), amounts[resource]]));
}

function objects({
  services,
  loadBalancers,
  nodePorts,
  storageClasses = {},
}: Partial<ObjectQuota>): Record<string, string> {
  const counts = { services, "services.loadbalancers": loadBalancers, "services.nodeports": nodePorts };
  return Object.fromEntries([
    ...Object.entries(counts).flatMap(([key, count]) => (count === undefined ? [] : [[key, String(count)]])),
    ...Object.entries(storageClasses).map(([name, { storageGiB }]) => [
      `${name}.storageclass.storage.k8s.io/requests.storage`,
      `${storageGiB}Gi`,
    ]),
  ]) as Record<string, string>;
}

function ratios({ cpu, memory }: Ratios): Record<string, string> {
  return { cpu: String(cpu), memory: String(memory) };
}

function makeNetworkPolicies(
  name: string,
  { namespace, identity, dns }: ClosedNamespaceArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.networking.v1.NetworkPolicy(
    `${name}-default-deny`,
    {
      metadata: { name: "default-deny", namespace, labels: labels(identity) },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    },
    opts,
  );
  new k8s.networking.v1.NetworkPolicy(
    `${name}-dns`,
    {
      metadata: { name: "allow-dns", namespace, labels: labels(identity) },
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { ...dns.namespaceLabels } },
                podSelector: { matchLabels: { ...dns.podLabels } },
              },
              ...dns.cidrs.map((cidr) => ({ ipBlock: { cidr } })),
            ],
            ports: dns.ports.flatMap((port) => ["UDP", "TCP"].map((protocol) => ({ protocol, port }))),
          },
        ],
      },
    },
    opts,
  );
}
