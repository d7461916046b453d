import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITIES, labels } from "../../contract/identities";
import { closedNamespace, type ClosedNamespaceArgs } from "../../kube/closed-namespace";
import { ownNamespace } from "../../kube/own-namespace";
import { sameCluster } from "../../kube/same-cluster";

/** `owner` is the stack, with its project. A namespace of another stack is refused. */
export interface TenancyArgs extends Omit<ClosedNamespaceArgs, "limits" | "identity"> {
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  /** Value of the PriorityClass of servers, which preempts. */
  readonly priority: number;
  /** A PriorityClass that exists, instead of creating one. */
  readonly priorityClass?: string;
  /** The same for backups and verifications. The class that is created never preempts. */
  readonly batchPriority: number;
  readonly batchPriorityClass?: string;
  /** Whether Pulumi refuses to delete the namespace and everything in it. */
  readonly protect: boolean;
}

/** A closed namespace for the platform, and two PriorityClasses. Everything else is created after it. */
export class Tenancy extends pulumi.ComponentResource {
  /** Name of the namespace. */
  readonly namespace: pulumi.Output<string>;
  /** Name of the PriorityClass of servers, and of Jobs for which an update or an operator waits. */
  readonly priorityClassName: pulumi.Output<string>;
  /** Name of the PriorityClass of backups and verifications. */
  readonly batchPriorityClassName: pulumi.Output<string>;

  constructor(name: string, args: TenancyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:tenancy:Tenancy", name, {}, opts);

    const own = ownNamespace(
      args.kubeContext,
      () => "Choose another: pulumi config set nacos-platform:namespace NAME.",
    );
    const namespace = closedNamespace(
      name,
      { ...args, limits: "platform", identity: IDENTITIES.tenancy },
      {
        parent: this,
        protect: args.protect,
        dependsOn: sameCluster(`${name}-cluster`, args.kubeContext, "nacos-platform:kubeContext", { parent: this }),
        hooks: { beforeCreate: [own] },
      },
    );
    const platform = { role: "platform", value: args.priority, of: "Nacos and MySQL" };
    const batch = { role: "batch", value: args.batchPriority, of: "Backups", preemptionPolicy: "Never" } as const;

    this.namespace = namespace.metadata.name;
    this.priorityClassName = this.priorityClass(`${name}-priority`, args.namespace, platform, args.priorityClass);
    this.batchPriorityClassName = this.priorityClass(
      `${name}-batch-priority`,
      args.namespace,
      batch,
      args.batchPriorityClass,
    );
    this.registerOutputs({ namespace: this.namespace, priorityClassName: this.priorityClassName });
  }

  /** @returns the name of a class, which is created unless there is an existing one */
  private priorityClass(
    name: string,
    namespace: string,
    { role, value, of, preemptionPolicy }: PriorityClass,
    existing: string | undefined,
  ): pulumi.Output<string> {
    if (existing !== undefined) return pulumi.output(existing);
    return new k8s.scheduling.v1.PriorityClass(
      name,
      {
        // The name contains the namespace, because a class is cluster-wide, and the value, which cannot be changed.
        metadata: { name: `${namespace}-${role}-${value}`, labels: labels(IDENTITIES.tenancy) },
        value,
        preemptionPolicy,
        globalDefault: false,
        description: `${of} in namespace ${namespace}`,
      },
      { parent: this },
    ).metadata.name;
  }
}

interface PriorityClass {
  /** Part of its name. */
  readonly role: string;
  readonly value: number;
  /** What has it. */
  readonly of: string;
  /** Default: pods with a lower priority are preempted. */
  readonly preemptionPolicy?: "Never";
}
