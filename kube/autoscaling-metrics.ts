import type * as k8s from "@pulumi/kubernetes";

/** CPU utilisation, in percent of the request, at which an autoscaler adds pods. */
export const CPU_PERCENT = 70;

type Labels = Readonly<Record<string, string>>;

/** A metric that an adapter serves, for example one of Prometheus. */
interface Named {
  readonly metric: string;
  /** Labels that select the series. */
  readonly selector?: Labels;
}

/** The value that the autoscaler aims at, as a quantity: in total, or for each pod. */
type Aim = { readonly value: string } | { readonly average: string };

/** What an autoscaler measures. */
export type Metric =
  /** The mean over the pods, in percent of what all their containers request, sidecars included. */
  | { readonly type: "Resource"; readonly resource: "cpu" | "memory"; readonly percent: number }
  /** The same for one container. A sidecar that idles does not lower it, and one that is busy does not raise it. */
  | {
      readonly type: "ContainerResource";
      readonly resource: "cpu" | "memory";
      readonly container: string;
      readonly percent: number;
    }
  /** A metric of the pods themselves: the mean over them. */
  | ({ readonly type: "Pods"; readonly average: string } & Named)
  /** A metric of another object in the namespace, such as the requests that an Ingress receives. */
  | ({
      readonly type: "Object";
      readonly object: { readonly apiVersion: string; readonly kind: string; readonly name: string };
    } & Named &
      Aim)
  /** A metric of something outside the cluster, such as the length of a queue. */
  | ({ readonly type: "External" } & Named & Aim);

/** API group that serves metrics of a type. Without it, the autoscaler never acts. */
export const METRICS_API = {
  Resource: "metrics.k8s.io",
  ContainerResource: "metrics.k8s.io",
  Pods: "custom.metrics.k8s.io",
  Object: "custom.metrics.k8s.io",
  External: "external.metrics.k8s.io",
} as const satisfies Record<Metric["type"], string>;

/** The CPU of the pods, or of one of their containers. @param container if the pods have sidecars */
export function cpu(percent = CPU_PERCENT, container?: string): Metric {
  return container === undefined
    ? { type: "Resource", resource: "cpu", percent }
    : { type: "ContainerResource", resource: "cpu", container, percent };
}

/** A metric as Kubernetes takes it. */
export function metricSpec(metric: Metric): k8s.types.input.autoscaling.v2.MetricSpec {
  const { type } = metric;
  switch (type) {
    case "Resource":
      return { type, resource: { name: metric.resource, target: utilization(metric.percent) } };
    case "ContainerResource": {
      const { container, resource, percent } = metric;
      return { type, containerResource: { name: resource, container, target: utilization(percent) } };
    }
    case "Pods":
      return { type, pods: { metric: identifier(metric), target: aim(metric) } };
    case "Object":
      return { type, object: { describedObject: metric.object, metric: identifier(metric), target: aim(metric) } };
    case "External":
      return { type, external: { metric: identifier(metric), target: aim(metric) } };
  }
}

function utilization(percent: number): k8s.types.input.autoscaling.v2.MetricTarget {
  return { type: "Utilization", averageUtilization: percent };
}

function identifier({ metric, selector }: Named): k8s.types.input.autoscaling.v2.MetricIdentifier {
  return { name: metric, ...(selector === undefined ? {} : { selector: { matchLabels: selector } }) };
}

function aim(metric: Aim): k8s.types.input.autoscaling.v2.MetricTarget {
  return "value" in metric
    ? { type: "Value", value: metric.value }
    : { type: "AverageValue", averageValue: metric.average };
}
