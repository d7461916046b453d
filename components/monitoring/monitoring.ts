import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { IDENTITIES, labels, selectorLabels, type Identity } from "../../contract/identities";
import { kindsServed } from "../../kube/custom-kinds";
import type { Watched } from "./alerts/alert";
import { ruleFile } from "./alerts/catalogue";
import type { MonitoringConfig } from "./config";

const API = "monitoring.coreos.com/v1";
/** Name in the cluster of the alerts. */
const ALERTS = "nacos-platform-alerts";

/** Pods that serve metrics. */
export interface Target {
  /** Name in the cluster. */
  readonly name: string;
  readonly identity: Identity;
  readonly metrics: readonly { readonly portName: string; readonly path: string }[];
}

export interface MonitoringArgs {
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig, with which a preview asks if the cluster has the operator's kinds. */
  readonly kubeContext: string;
  /** Label of every alert. */
  readonly stack: string;
  readonly config: Exclude<MonitoringConfig, { mode: "disabled" }>;
  readonly targets: readonly Target[];
  readonly watched: Omit<Watched, "thresholds">;
}

/** The stack's alerts, and what the Prometheus operator needs to collect its metrics. */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:monitoring:Monitoring", name, {}, opts);

    const { namespace, config } = args;
    const rules = ruleFile({ ...args.watched, thresholds: config.thresholds }, args.stack, config.documentation);
    if (config.mode === "operator") this.makeObjects(name, args, config, rules);
    else
      new k8s.core.v1.ConfigMap(
        `${name}-alerts`,
        {
          metadata: { name: ALERTS, namespace, labels: labels(IDENTITIES.monitoring) },
          data: { "alerts.yaml": stringify(rules, { lineWidth: 0 }) },
        },
        { parent: this },
      );
    this.registerOutputs({});
  }

  private makeObjects(
    name: string,
    { namespace, kubeContext, targets }: MonitoringArgs,
    config: Extract<MonitoringConfig, { mode: "operator" }>,
    rules: object,
  ): void {
    const served = kindsServed(
      API,
      ["PodMonitor", "PrometheusRule"],
      kubeContext,
      "Install the Prometheus operator, or set nacos-platform:monitoring.mode to annotations or disabled.",
    );
    const make = (resource: string, kind: string, objectName: string, spec: object) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${resource}`,
        {
          apiVersion: API,
          kind,
          metadata: { name: objectName, namespace, labels: { ...config.labels, ...labels(IDENTITIES.monitoring) } },
          spec,
        },
        { parent: this, hooks: { beforeCreate: [served], beforeUpdate: [served] } },
      );
    const interval = `${config.intervalSeconds}s`;
    for (const { name: target, identity, metrics } of targets)
      make(target, "PodMonitor", target, {
        selector: { matchLabels: selectorLabels(identity) },
        podMetricsEndpoints: metrics.map(({ portName: port, path }) => ({ port, path, interval })),
      });
    make("alerts", "PrometheusRule", ALERTS, rules);
  }
}
