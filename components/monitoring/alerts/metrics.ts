import { type Alert, metric, type Watched } from "./alert";

/** What the other alerts need: without it they are silent, whatever happens. */
export function metricsAlerts(of: Watched): Alert[] {
  const missing = (name: string, what: string, expr: string, action: string): Alert => ({
    name,
    severity: "warning",
    minutes: 10,
    expr: `absent(${expr})`,
    summary: `Prometheus has no metrics of ${what}`,
    description: "The alerts that need them stay silent.",
    action,
  });
  const look = "Compare Prometheus' targets and its namespace's labels with docs/monitoring.md.";
  return [
    {
      name: "MetricsNotRead",
      severity: "warning",
      minutes: 5,
      expr: `${metric(of, "up")} == 0`,
      summary: "Prometheus cannot read the metrics of {{ $labels.pod }}",
      description: "The pod is down, or Prometheus cannot reach it.",
      action: look,
    },
    missing("NacosMetricsMissing", "Nacos", metric(of, "nacos_monitor", `name="configCount"`), look),
    ...(of.mysql === undefined ? [] : [missing("MySqlMetricsMissing", "MySQL", metric(of, "mysql_up"), look)]),
    missing(
      "BackupMetricsMissing",
      "backups",
      metric(of, "nacos_platform_mysql_backup_last_success_timestamp_seconds"),
      look,
    ),
    missing(
      "KubeMetricsMissing",
      "kube-state-metrics",
      metric(of, "kube_statefulset_replicas"),
      "Install kube-state-metrics, or let Prometheus read it: docs/monitoring.md.",
    ),
  ];
}
