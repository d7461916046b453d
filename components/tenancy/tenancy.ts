import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITIES, labels } from "../../contract/identities";
import { OWNER, ownNamespace, sameCluster } from "./ownership";

export interface QuotaArgs {
  readonly requestsCpu: string;
  readonly requestsMemory: string;
  readonly limitsCpu: string;
  readonly limitsMemory: string;
  readonly pods: number;
  readonly persistentVolumeClaims: number;
  readonly storageGiB: number;
}

export interface TenancyArgs {
  /** Name of the namespace, and of everything in it that the platform shares. */
  readonly namespace: string;
  /** The stack, with its project. Another one's namespace is refused. */
  readonly owner: string;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  readonly quota: QuotaArgs;
  /** Resources of a container that says nothing itself. */
  readonly containerDefault: { readonly requests: Quantities; readonly limits: Quantities };
  /** Largest limits that a container may have. */
  readonly containerMax: Quantities;
  /** Value of the PriorityClass. */
  readonly priority: number;
  /** Whether Pulumi refuses to delete the namespace, and with it everything inside. */
  readonly protect: boolean;
}

interface Quantities {
  readonly cpu: string;
  readonly memory: string;
}

/**
 * The walls around the platform: a namespace under Pod Security `restricted`, its quota and limits, a default-deny
 * network with DNS as the only way out, and a priority. Everything else is put in after it.
 */
export class Tenancy extends pulumi.ComponentResource {
  /** Name of the namespace. */
  readonly namespace: pulumi.Output<string>;
  /** Name of the PriorityClass. Cluster-wide, so the namespace is part of it, and its value, which cannot be changed. */
  readonly priorityClassName: pulumi.Output<string>;

  constructor(name: string, args: TenancyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:tenancy:Tenancy", name, {}, opts);

    const namespace = this.makeNamespace(name, args);
    const inside = { parent: this, dependsOn: namespace };
    this.makeLimits(name, args, inside);
    this.makeNetworkPolicies(name, args.namespace, inside);
    const priorityClass = new k8s.scheduling.v1.PriorityClass(`${name}-priority`, {
      // The value cannot be changed: another value is another class.
      metadata: { name: `${args.namespace}-platform-${args.priority}`, labels: labels(IDENTITIES.tenancy) },
      value: args.priority,
      globalDefault: false,
      description: `Nacos and MySQL in namespace ${args.namespace}`,
    }, { parent: this });

    this.namespace = namespace.metadata.name;
    this.priorityClassName = priorityClass.metadata.name;
    this.registerOutputs({ namespace: this.namespace, priorityClassName: this.priorityClassName });
  }

  private makeNamespace(name: string, args: TenancyArgs): k8s.core.v1.Namespace {
    const level = (mode: string) => ({
      [`pod-security.kubernetes.io/${mode}`]: "restricted",
      [`pod-security.kubernetes.io/${mode}-version`]: "latest",
    });
    const cluster = sameCluster(`${name}-cluster`, args.kubeContext, { parent: this });
    return new k8s.core.v1.Namespace(`${name}-namespace`, {
      metadata: {
        name: args.namespace,
        labels: { ...labels(IDENTITIES.tenancy), ...level("enforce"), ...level("audit"), ...level("warn") },
        annotations: { [OWNER]: args.owner },
      },
    }, { parent: this, protect: args.protect, dependsOn: cluster, hooks: { beforeCreate: [ownNamespace(args.kubeContext)] } });
  }

  private makeLimits(name: string, { namespace, quota, ...args }: TenancyArgs, opts: pulumi.CustomResourceOptions): void {
    new k8s.core.v1.ResourceQuota(`${name}-quota`, {
      metadata: { name: "platform", namespace, labels: labels(IDENTITIES.tenancy) },
      spec: {
        hard: {
          "requests.cpu": quota.requestsCpu,
          "requests.memory": quota.requestsMemory,
          "limits.cpu": quota.limitsCpu,
          "limits.memory": quota.limitsMemory,
          pods: String(quota.pods),
          persistentvolumeclaims: String(quota.persistentVolumeClaims),
          "requests.storage": `${quota.storageGiB}Gi`,
        },
      },
    }, opts);
    new k8s.core.v1.LimitRange(`${name}-limits`, {
      metadata: { name: "platform", namespace, labels: labels(IDENTITIES.tenancy) },
      spec: {
        limits: [{
          type: "Container",
          defaultRequest: { ...args.containerDefault.requests },
          default: { ...args.containerDefault.limits },
          max: { ...args.containerMax },
        }],
      },
    }, opts);
  }

  private makeNetworkPolicies(name: string, namespace: string, opts: pulumi.CustomResourceOptions): void {
    new k8s.networking.v1.NetworkPolicy(`${name}-default-deny`, {
      metadata: { name: "default-deny", namespace, labels: labels(IDENTITIES.tenancy) },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    }, opts);
    new k8s.networking.v1.NetworkPolicy(`${name}-dns`, {
      metadata: { name: "allow-dns", namespace, labels: labels(IDENTITIES.tenancy) },
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [{
          to: [{
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          }],
          ports: [{ protocol: "UDP", port: 53 }, { protocol: "TCP", port: 53 }],
        }],
      },
    }, opts);
  }
}
