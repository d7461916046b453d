import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITIES, labels, selectorLabels, type Identity } from "../../contract/identities";
import { kindsServed } from "../../kube/custom-kinds";
import type { MonitoringConfig } from "./config";

const API = "monitoring.coreos.com/v1";

/** Pods that serve metrics. */
export interface Target {
  /** Name in the cluster. */
  readonly name: string;
  readonly identity: Identity;
  readonly metrics: { readonly portName: string; readonly path: string };
}

export interface MonitoringArgs {
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig, with which a preview asks if the cluster has the operator's kinds. */
  readonly kubeContext: string;
  readonly config: Extract<MonitoringConfig, { mode: "operator" }>;
  readonly targets: readonly Target[];
}

/** What the Prometheus operator needs to collect the stack's metrics. */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:monitoring:Monitoring", name, {}, opts);

    const { namespace, config } = args;
    const served = kindsServed(
      API,
      ["PodMonitor"],
      args.kubeContext,
      "Install the Prometheus operator, or set nacos-platform:monitoring.mode to annotations or disabled.",
    );
    for (const target of args.targets)
      new k8s.apiextensions.CustomResource(
        `${name}-${target.name}`,
        {
          apiVersion: API,
          kind: "PodMonitor",
          metadata: {
            name: target.name,
            namespace,
            labels: { ...config.labels, ...labels(IDENTITIES.monitoring) },
          },
          spec: {
            selector: { matchLabels: selectorLabels(target.identity) },
            podMetricsEndpoints: [
              {
                port: target.metrics.portName,
                path: target.metrics.path,
                interval: `${config.intervalSeconds}s`,
              },
            ],
          },
        },
        { parent: this, hooks: { beforeCreate: [served], beforeUpdate: [served] } },
      );
    this.registerOutputs({});
  }
}
