import type { Alert, Watched } from "./alert";
import { backupAlerts } from "./backups";
import { metricsAlerts } from "./metrics";
import { mysqlAlerts } from "./mysql";
import { nacosAlerts } from "./nacos";
import { workloadAlerts } from "./workloads";

/** Every alert of a stack, by group. */
export function alertsOf(of: Watched): Readonly<Record<string, readonly Alert[]>> {
  return {
    nacos: nacosAlerts(of),
    ...(of.mysql === undefined ? {} : { mysql: mysqlAlerts(of, of.mysql) }),
    backups: backupAlerts(of),
    workloads: workloadAlerts(of),
    metrics: metricsAlerts(of),
  };
}

/**
 * The rule file of Prometheus, which is also the specification of a PrometheusRule.
 *
 * @param stack label of every alert
 * @param documentation URL of the folder docs
 */
export function ruleFile(of: Watched, stack: string, documentation: string) {
  return {
    groups: Object.entries(alertsOf(of)).map(([group, alerts]) => ({
      name: `nacos-platform-${group}`,
      rules: alerts.map(({ name, severity, minutes, expr, ...texts }) => ({
        alert: name,
        expr,
        for: `${minutes}m`,
        labels: { severity, stack },
        annotations: { ...texts, runbook_url: `${documentation}/alerts.md#${name.toLowerCase()}` },
      })),
    })),
  };
}
