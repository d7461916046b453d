import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels, type Identity } from "../contract/identities";
import { workloadBehavior, type Behavior } from "./autoscaling-behavior";
import { cpu, metricSpec, type Metric } from "./autoscaling-metrics";
import { metricsServed } from "./metrics-api";
import { transformed, type Transform } from "./transform";

export interface AutoscalerArgs {
  /** Name in the cluster of the autoscaler and of what it scales. */
  readonly name: string;
  readonly kind: "StatefulSet" | "Deployment";
  readonly namespace: pulumi.Input<string>;
  readonly identity: Identity;
  /** Context of the kubeconfig, with which a preview asks if the cluster serves the metrics. */
  readonly kubeContext: string;
  /** At least 1. Fewer pods become as many at once, whatever the load. */
  readonly minReplicas: number;
  /** More than `minReplicas`. More pods become as many at once, even if the behaviour never scales down. */
  readonly maxReplicas: number;
  /** The highest number that one of them calls for counts. Default: a CPU utilisation of 70 % of the request. */
  readonly metrics?: readonly Metric[];
  /** Default: {@link workloadBehavior}. */
  readonly behavior?: Behavior;
  /** What the stack can do if the cluster serves no metrics, as a sentence. */
  readonly withoutMetrics: string;
  readonly transform?: Transform<k8s.autoscaling.v2.HorizontalPodAutoscalerArgs>;
}

/**
 * A HorizontalPodAutoscaler (autoscaling/v2). What it scales needs {@link scaleOwner}, or the next update undoes what it did.
 * Preview and update stop if the cluster serves no metrics for it.
 *
 * @param opts with further hooks, if there are more conditions
 * @throws RangeError if the numbers of pods are no range.
 */
export function autoscaler(
  name: string,
  args: AutoscalerArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.autoscaling.v2.HorizontalPodAutoscaler {
  const { minReplicas, maxReplicas, metrics = [cpu()] } = args;
  if (minReplicas < 1 || minReplicas >= maxReplicas)
    throw new RangeError(`autoscaler ${args.name}: ${minReplicas} to ${maxReplicas} pods is no range`);
  if (metrics.length === 0) throw new RangeError(`autoscaler ${args.name}: no metrics`);
  const served = metricsServed(args.name, args.kubeContext, args.withoutMetrics);
  const { beforeCreate = [], beforeUpdate = [], ...hooks } = opts.hooks ?? {};
  return new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    name,
    transformed<k8s.autoscaling.v2.HorizontalPodAutoscalerArgs>(args.transform, {
      metadata: { name: args.name, namespace: args.namespace, labels: labels(args.identity) },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: args.kind, name: args.name },
        minReplicas,
        maxReplicas,
        metrics: metrics.map(metricSpec),
        behavior: args.behavior ?? workloadBehavior(),
      },
    }),
    { ...opts, hooks: { ...hooks, beforeCreate: [served, ...beforeCreate], beforeUpdate: [served, ...beforeUpdate] } },
  );
}
