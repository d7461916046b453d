import { everywhere, integer, labels, text } from "../../config/fields";
import { oneOf, type ValueOf } from "../../config/groups";
import { thresholds } from "./thresholds";

/** What the alerts of every mode need. */
const alerts = {
  documentation: text({
    description: "URL of the folder docs of this project, as people read it. The links of alerts begin with it.",
    allowed: "https://… or http://…, without a slash at the end; or docs, for paths in the project",
    example: "https://git.example.com/nacos-platform/docs",
    pattern: /^(docs|https?:\/\/[^\s?#]*[^\s?#/])$/,
    default: everywhere("docs"),
  }),
  thresholds,
};

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
    annotations: alerts,
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
      ...alerts,
    },
  },
);

export type MonitoringConfig = ValueOf<typeof monitoring>;
