import { everywhere, integer, labels } from "../../config/fields";
import { oneOf, type ValueOf } from "../../config/groups";

/** Every key below `nacos-platform:monitoring`. */
export const monitoring = oneOf(
  "mode",
  {
    description:
      "How Prometheus finds the metrics of Nacos, MySQL and the controller: not at all (`disabled`), by annotations of the pods (`annotations`), or by objects of the Prometheus operator (`operator`). A change to or from `annotations` restarts the servers one by one: docs/monitoring.md.",
    default: everywhere("disabled" as const),
  },
  {
    disabled: {},
    annotations: {},
    operator: {
      intervalSeconds: integer({
        description: "How often Prometheus reads the metrics, in seconds.",
        min: 5,
        max: 60,
        default: everywhere(30),
      }),
      labels: labels({
        description: "Labels by which the operator's Prometheus selects its objects, for example its Helm release.",
        mayBeEmpty: true,
        example: '{"release":"kube-prometheus-stack"}',
        default: everywhere<Readonly<Record<string, string>>>({}),
      }),
    },
  },
);

export type MonitoringConfig = ValueOf<typeof monitoring>;
