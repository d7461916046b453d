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
  /** Value of the PriorityClass. */
  readonly priority: number;
  /** Whether Pulumi refuses to delete the namespace and everything in it. */
  readonly protect: boolean;
}

/** A closed namespace for the platform, and a PriorityClass. Everything else is created after it. */
export class Tenancy extends pulumi.ComponentResource {
  /** Name of the namespace. */
  readonly namespace: pulumi.Output<string>;
  /** Name of the PriorityClass. It contains the namespace, because it is cluster-wide, and the value, which cannot be changed. */
  readonly priorityClassName: pulumi.Output<string>;

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
    const priorityClass = new k8s.scheduling.v1.PriorityClass(
      `${name}-priority`,
      {
        // The value of a class cannot be changed, so another value needs another class.
        metadata: { name: `${args.namespace}-platform-${args.priority}`, labels: labels(IDENTITIES.tenancy) },
        value: args.priority,
        globalDefault: false,
        description: `Nacos and MySQL in namespace ${args.namespace}`,
      },
      { parent: this },
    );

    this.namespace = namespace.metadata.name;
    this.priorityClassName = priorityClass.metadata.name;
    this.registerOutputs({ namespace: this.namespace, priorityClassName: this.priorityClassName });
  }
}
