import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITIES, labels } from "../../contract/identities";
import { closedNamespace, type ClosedNamespaceArgs } from "../../kube/closed-namespace";
import { ownNamespace } from "../../kube/own-namespace";
import { sameCluster } from "../../kube/same-cluster";

/** The owner is the stack, with its project: another one's namespace is refused. */
export interface TenancyArgs extends Omit<ClosedNamespaceArgs, "limits" | "identity"> {
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  /** Value of the PriorityClass. */
  readonly priority: number;
  /** Whether Pulumi refuses to delete the namespace, and with it everything inside. */
  readonly protect: boolean;
}

/** The walls around the platform: a closed namespace, and a priority. Everything else is put in after it. */
export class Tenancy extends pulumi.ComponentResource {
  /** Name of the namespace. */
  readonly namespace: pulumi.Output<string>;
  /** Name of the PriorityClass. Cluster-wide, so the namespace is part of it, and its value, which cannot be changed. */
  readonly priorityClassName: pulumi.Output<string>;

  constructor(name: string, args: TenancyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:tenancy:Tenancy", name, {}, opts);

    const own = ownNamespace(args.kubeContext, () => "Choose another: pulumi config set nacos-platform:namespace NAME.");
    const namespace = closedNamespace(name, { ...args, limits: "platform", identity: IDENTITIES.tenancy }, {
      parent: this, protect: args.protect, dependsOn: sameCluster(`${name}-cluster`, args.kubeContext, "nacos-platform:kubeContext", { parent: this }), hooks: { beforeCreate: [own] },
    });
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
}
