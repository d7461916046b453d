import { BACKUP_CRON_JOBS, OBJECTS, SIDECARS } from "../../../contract/objects";
import { type Alert, metric, type Watched } from "./alert";

/** What any workload may suffer from, by kube-state-metrics and the kubelets. */
export function workloadAlerts(of: Watched): Alert[] {
  const { thresholds, backups, nacos } = of;
  const kube = (name: string, more?: string) => metric(of, `kube_${name}`, more);
  const sidecars = Object.values(SIDECARS).join("|");
  // Sidecars are init containers to kube-state-metrics, in metrics with another name.
  const container = (name: string, ...more: readonly string[]) =>
    metric(of, "", [`__name__=~"kube_pod_(init_)?container_${name}"`, ...more].join());
  // The steps of backups are init containers too, and may use all they are given.
  const limit = (resource: string) =>
    `sum by (namespace, pod, container) (${kube("pod_container_resource_limits", `resource="${resource}"`)} or ${kube("pod_init_container_resource_limits", `resource="${resource}",container=~"${sidecars}"`)})`;
  // With an object store the backup volume may be full: backups that are off-site are removed from it once the next one needs room.
  const volumes = backups.offsite === undefined ? "" : `persistentvolumeclaim!="${OBJECTS.backupVolume}"`;
  const volume = `100 * ${metric(of, "kubelet_volume_stats_used_bytes", volumes)} / ${metric(of, "kubelet_volume_stats_capacity_bytes")}`;
  // Both from CronJobs, and nothing but them: a restore may take as long as it needs.
  const jobs = `job_name=~"(${BACKUP_CRON_JOBS.backup}|${BACKUP_CRON_JOBS.verify})-.*"`;
  const look = "`kubectl describe pod POD` and `kubectl logs POD --previous` say why.";
  const alerts: Alert[] = [
    {
      name: "StatefulSetReplicasMismatch",
      severity: "warning",
      minutes: 15,
      expr: `${kube("statefulset_status_replicas_ready")} != ${kube("statefulset_replicas")}`,
      summary: "Only {{ $value }} pod(s) of StatefulSet {{ $labels.statefulset }} are ready",
      description: "Pods are missing or not ready. Pods that the quota refuses are counted too.",
      action: "`kubectl describe statefulset NAME`, then its pods.",
    },
    {
      name: "StatefulSetUpdateStuck",
      severity: "warning",
      minutes: 15,
      expr: `${kube("statefulset_status_replicas_updated")} != ${kube("statefulset_replicas")} and changes(${kube("statefulset_status_replicas_updated")}[10m]) == 0`,
      summary: "The update of StatefulSet {{ $labels.statefulset }} does not continue",
      description:
        "For 10 minutes no further pod has got the new revision. An upgrade of Nacos that is on hold looks the same.",
      action: "The pod with the new revision is not ready: `kubectl get pods`, docs/runbooks/pulumi-up.md.",
    },
    {
      name: "DeploymentReplicasMismatch",
      severity: "warning",
      minutes: 10,
      expr: `${kube("deployment_spec_replicas")} != ${kube("deployment_status_replicas_available")}`,
      summary: "Deployment {{ $labels.deployment }} should have {{ $value }} pod(s)",
      description: "Pods are missing or not available.",
      action: "`kubectl describe deployment NAME`, then its pods.",
    },
    {
      name: "DeploymentRolloutStuck",
      severity: "warning",
      minutes: 15,
      expr: `${kube("deployment_status_condition", `condition="Progressing",status="false"`)} == 1`,
      summary: "The rollout of Deployment {{ $labels.deployment }} does not continue",
      description: "Pods with the new template do not become available.",
      action: "`kubectl rollout status deployment/NAME`, docs/runbooks/pulumi-up.md.",
    },
    {
      name: "DeploymentUnavailable",
      severity: "critical",
      minutes: 5,
      expr: `${kube("deployment_status_replicas_available")} == 0 and ${kube("deployment_spec_replicas")} > 0`,
      summary: "No pod of Deployment {{ $labels.deployment }} is available",
      description: "What it does is not done at all.",
      action: "`kubectl describe deployment NAME`, then its pods.",
    },
    {
      name: "PodFrequentlyRestarting",
      severity: "warning",
      minutes: 10,
      expr: `increase(${container("status_restarts_total")}[1h]) > ${thresholds.restartsInHour}`,
      summary:
        'Container {{ $labels.container }} of {{ $labels.pod }} has restarted {{ $value | printf "%.0f" }} times within an hour',
      description: "It fails, is killed, or its liveness probe fails.",
      action: look,
    },
    {
      name: "PodOutOfMemory",
      severity: "warning",
      minutes: 0,
      // The reason stays as long as the pod, so it counts only with a restart.
      expr: `${container("status_last_terminated_reason", `reason="OOMKilled"`)} == 1 and on (namespace, pod, container) increase(${container("status_restarts_total")}[10m]) > 0`,
      summary: "Container {{ $labels.container }} of {{ $labels.pod }} was killed because of its memory",
      description: "It needed more than its limit.",
      action: "Raise its memory limit: docs/configuration.md.",
    },
    {
      name: "PodPending",
      severity: "warning",
      minutes: 15,
      // A pod is also Pending while its init containers run, such as the steps of a backup.
      expr: `${kube("pod_status_phase", `phase="Pending"`)} == 1 unless on (namespace, pod) ${kube("pod_init_container_status_running", `container!~"${sidecars}"`)} == 1`,
      summary: "{{ $labels.pod }} does not start",
      description: "No node has room for it, its image cannot be pulled, or its volume cannot be attached.",
      action: "The events in `kubectl describe pod POD` say which: docs/placement.md.",
    },
    {
      name: "PodNotReady",
      severity: "warning",
      minutes: 10,
      // The two have different labels: without `on` nothing would match.
      expr: `${kube("pod_status_ready", `condition="false"`)} == 1 and on (namespace, pod, uid) ${kube("pod_status_phase", `phase="Running"`)} == 1`,
      summary: "{{ $labels.pod }} runs and is not ready",
      description: "Services send it no clients.",
      action: look,
    },
    {
      name: "ContainerHighCpu",
      severity: "warning",
      minutes: 10,
      expr: `100 * sum by (namespace, pod, container) (rate(${metric(of, "container_cpu_usage_seconds_total", `container!=""`)}[5m])) / ${limit("cpu")} > ${thresholds.cpuPercent}`,
      summary:
        'Container {{ $labels.container }} of {{ $labels.pod }} uses {{ $value | printf "%.0f" }} % of its CPU limit',
      description: "The kernel slows it down from its limit on.",
      action: "Raise its CPU limit. Nacos can have more servers instead: docs/autoscaling.md.",
    },
    {
      name: "ContainerHighMemory",
      severity: "warning",
      minutes: 5,
      // The JVM and InnoDB fill what they are given.
      expr: `100 * sum by (namespace, pod, container) (${metric(of, "container_memory_working_set_bytes", `container!~"|nacos|mysql"`)}) / ${limit("memory")} > ${thresholds.memoryPercent}`,
      summary:
        'Container {{ $labels.container }} of {{ $labels.pod }} uses {{ $value | printf "%.0f" }} % of its memory limit',
      description:
        "The kernel kills it at its limit. Nacos' and MySQL's own containers do not count: they use what they are given.",
      action: "`kubectl top pod POD --containers`; raise the limit if it stays.",
    },
    {
      name: "VolumeFilling",
      severity: "warning",
      minutes: 10,
      expr: `${volume} > ${thresholds.volumeWarningPercent} < ${thresholds.volumeCriticalPercent}`,
      summary: 'Volume {{ $labels.persistentvolumeclaim }} is {{ $value | printf "%.0f" }} % full',
      description: "When it is full, its server stops writing, or backups fail.",
      action: "Expand it: docs/volumes.md.",
    },
    {
      name: "VolumeAlmostFull",
      severity: "critical",
      minutes: 2,
      expr: `${volume} >= ${thresholds.volumeCriticalPercent}`,
      summary: 'Volume {{ $labels.persistentvolumeclaim }} is {{ $value | printf "%.0f" }} % full',
      description: "When it is full, its server stops writing, or backups fail.",
      action: "Expand it now: docs/volumes.md.",
    },
    {
      name: "JobFailed",
      severity: "warning",
      minutes: 0,
      // A failed Job is kept until others have failed after it. After a day it says nothing new.
      expr: `max by (namespace, job_name) (${kube("job_failed", `condition="true"`)}) == 1 and on (namespace, job_name) time() - ${kube("job_status_start_time")} < 86400`,
      summary: "Job {{ $labels.job_name }} has failed",
      description: "It has failed within the last day, with all its attempts.",
      action: "`kubectl logs job/NAME --all-containers` ends with the reason and its runbook: docs/runbooks/README.md.",
    },
    {
      name: "JobRunningTooLong",
      severity: "warning",
      minutes: 0,
      expr: `(time() - ${kube("job_status_start_time", jobs)}) / 60 > ${backups.deadlineMinutes * 0.8} and on (namespace, job_name) ${kube("job_status_active")} > 0`,
      summary: 'Job {{ $labels.job_name }} has been running for {{ $value | printf "%.0f" }} minutes',
      description: "It is ended at `mysql.backup.deadlineMinutes`, and has then failed.",
      action:
        "`kubectl logs job/NAME --all-containers` shows its step. If the data have grown, raise `mysql.backup.deadlineMinutes`.",
    },
    {
      name: "QuotaNearlyUsed",
      severity: "warning",
      minutes: 15,
      expr: `100 * ${kube("resourcequota", `type="used"`)} / ignoring (type) (${kube("resourcequota", `type="hard"`)} > 0) > ${thresholds.quotaPercent}`,
      summary: 'The quota of {{ $labels.resource }} is {{ $value | printf "%.0f" }} % used',
      description: "Pods beyond the quota are not created. Backups, verifications and updates need room for a while.",
      action: "Raise the key of `tenancy.quota`, or find what uses it: docs/configuration.md.",
    },
    {
      name: "DisruptionBudgetBlocks",
      severity: "warning",
      minutes: 30,
      expr: `${kube("poddisruptionbudget_status_pod_disruptions_allowed")} == 0 and ${kube("poddisruptionbudget_status_expected_pods")} > 0`,
      summary: "PodDisruptionBudget {{ $labels.poddisruptionbudget }} allows no eviction",
      description: "A drain of a node waits, and with it an update of the cluster.",
      action:
        "One of its pods is not ready: `kubectl get pods`, then docs/runbooks/nacos-status.md or docs/runbooks/mysql-status.md.",
    },
  ];
  if (nacos.cpuPercent === undefined) return alerts;
  const servers = `container="nacos",pod=~"${nacos.name}-[0-9]+"`;
  const cpu = `100 * sum by (namespace) (rate(${metric(of, "container_cpu_usage_seconds_total", servers)}[5m])) / sum by (namespace) (${kube("pod_container_resource_requests", `resource="cpu",${servers}`)})`;
  const autoscaler = (name: string, more?: string) => kube(`horizontalpodautoscaler_${name}`, more);
  return [
    ...alerts,
    {
      name: "AutoscalerAtMaximum",
      severity: "warning",
      minutes: 15,
      // Without scaleDown the servers stay after a peak, and the condition ScalingLimited stays true: only the load tells.
      expr: `${autoscaler("status_current_replicas")} >= ${autoscaler("spec_max_replicas")} and on (namespace) ${cpu} > ${nacos.cpuPercent}`,
      summary:
        "Autoscaler {{ $labels.horizontalpodautoscaler }} has all its {{ $value }} pods, and they are not enough",
      description:
        "The CPU load of the servers is above `nacos.autoscaling.cpuPercent`, and more load gets no more servers.",
      action: "Raise `nacos.autoscaling.maxReplicas` or the CPU of each server: docs/autoscaling.md.",
    },
    {
      name: "AutoscalerNotActive",
      severity: "warning",
      minutes: 15,
      expr: `${autoscaler("status_condition", `condition="ScalingActive",status="false"`)} == 1`,
      summary: "Autoscaler {{ $labels.horizontalpodautoscaler }} cannot scale",
      description: "It has no metrics of the load.",
      action: "`kubectl describe hpa NAME`; metrics-server may be down: docs/autoscaling.md.",
    },
  ];
}
