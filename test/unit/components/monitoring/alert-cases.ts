import type { Case } from "../../../support/promtool";

/** A case of an alert. What is left out follows from the alert. */
export type AlertCase = Pick<Case, "alert" | "title" | "series"> & Partial<Case>;

const DAY = 86_400;

/** A series of the stack. */
function of(name: string, labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries({ namespace: "n", ...labels }).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${pairs.join()}}`;
}

const monitor = (module: string, name: string, pod = "nacos-0") => of("nacos_monitor", { module, name, pod });
const nacosSet = { statefulset: "nacos" };
const ready = of("kube_statefulset_status_replicas_ready", nacosSet);
const wanted = of("kube_statefulset_replicas", nacosSet);
/** @param instance the address, which changes when the pod is replaced */
const mysql = (name: string, pod = "mysql-0", instance = "10.0.0.1:9104") => of(`mysql_${name}`, { pod, instance });
const ours = (name: string, labels = {}) =>
  of(`nacos_platform_mysql_${name}`, { pod: "mysql-controller-0", ...labels });
const created = (cronjob: string) => of("kube_cronjob_created", { cronjob });
const server = { pod: "nacos-0", container: "nacos", uid: "u" };
const sidecar = { pod: "mysql-0", container: "binlogs" };
/** A step of a backup. */
const step = { pod: "mysql-backup-1", container: "dump" };
const kube = (name: string, labels: Readonly<Record<string, string>>) => of(`kube_${name}`, labels);
const claim = { persistentvolumeclaim: "data-mysql-0" };
const used = of("kubelet_volume_stats_used_bytes", claim);
const capacity = of("kubelet_volume_stats_capacity_bytes", claim);
/** The backup volume, at that many percent. */
const backupVolume = (percent: number) => ({
  [of("kubelet_volume_stats_used_bytes", { persistentvolumeclaim: "mysql-backups" })]: percent,
  [of("kubelet_volume_stats_capacity_bytes", { persistentvolumeclaim: "mysql-backups" })]: 100,
});
const autoscaler = { horizontalpodautoscaler: "nacos" };
const servers = kube("horizontalpodautoscaler_status_current_replicas", autoscaler);
const mostServers = kube("horizontalpodautoscaler_spec_max_replicas", autoscaler);
const cpuUsed = of("container_cpu_usage_seconds_total", server);
/** Of one Nacos server, above the 70 % of its request from which the autoscaler adds servers. */
const cpuLoad = {
  [cpuUsed]: { gains: 43 },
  [kube("pod_container_resource_requests", { ...server, resource: "cpu" })]: 1,
};
const job = { job_name: "mysql-backup-1" };

const nacos: readonly AlertCase[] = [
  { alert: "NacosServerDown", series: { [wanted]: 3, [ready]: [3, 2] } },
  { alert: "NacosMajorityLost", series: { [wanted]: 3, [ready]: [2, 1] } },
  { alert: "NacosMajorityLost", title: "of a single server", series: { [wanted]: 1, [ready]: [1, 0] } },
  {
    alert: "NacosRestarted",
    series: { [kube("pod_container_status_restarts_total", server)]: [0, 1, 1] },
    firesAt: 5,
  },
  {
    alert: "NacosHeapHigh",
    series: {
      [of("jvm_memory_used_bytes", { area: "heap", pod: "nacos-0", id: "G1 Eden Space" })]: 40,
      [of("jvm_memory_used_bytes", { area: "heap", pod: "nacos-0", id: "G1 Old Gen" })]: [50, 51],
      [of("jvm_memory_max_bytes", { area: "heap", pod: "nacos-0", id: "G1 Eden Space" })]: -1,
      [of("jvm_memory_max_bytes", { area: "heap", pod: "nacos-0", id: "G1 Old Gen" })]: 100,
    },
  },
  {
    alert: "NacosDirectMemoryHigh",
    series: { [of("jvm_buffer_memory_used_bytes", { id: "direct", pod: "nacos-0" })]: [900, 901] },
  },
  { alert: "NacosPushSlow", series: { [monitor("naming", "avgPushCost")]: [1000, 1001, -1] } },
  {
    alert: "NacosInstancesDropped",
    series: { [monitor("naming", "ipCount")]: [100, 69, 60], [monitor("naming", "ipCount", "nacos-1")]: [100, 69, 60] },
    firesAt: 10,
  },
  {
    alert: "NacosPublishBurst",
    series: {
      [of("nacos_timer_seconds_count", { module: "config", name: "writeConfigRt", pod: "nacos-0" })]: [
        { gains: 5 },
        { gains: 6 },
      ],
      [of("nacos_timer_seconds_count", { module: "config", name: "writeConfigRpcRt", pod: "nacos-1" })]: { gains: 5 },
    },
  },
  {
    alert: "NacosDatabaseErrors",
    title: "with a counter that does not exist before",
    series: {
      [of("nacos_exception_total", { module: "config", name: "db", pod: "nacos-0" })]: [undefined, { gains: 2 }],
    },
  },
  { alert: "NacosConfigDumpBehind", series: { [monitor("config", "dumpTask")]: [0, 1] }, waits: 14 },
  {
    alert: "NacosMembersDisagree",
    series: { [of("nacos_platform_nacos_member_problems", { pod: "nacos-1" })]: [0, 1] },
  },
  { alert: "NacosRaftUnhealthy", series: { [of("nacos_platform_nacos_raft_problems", { pod: "nacos-1" })]: [0, 1] } },
  {
    alert: "NacosConfigurationsDiffer",
    series: { [monitor("config", "configCount")]: 7, [monitor("config", "configCount", "nacos-1")]: [7, 6] },
    waits: 19,
  },
  {
    alert: "NacosRegistriesDiffer",
    series: { [monitor("naming", "ipCount")]: 7, [monitor("naming", "ipCount", "nacos-1")]: [7, 6] },
    waits: 19,
  },
];

const mysqlServers: readonly AlertCase[] = [
  { alert: "MySqlServerDown", series: { [mysql("up")]: [1, 0] } },
  {
    alert: "MySqlNoPrimary",
    series: {
      [mysql("global_variables_read_only")]: [0, undefined],
      [mysql("global_variables_read_only", "mysql-1")]: 1,
    },
    waits: 5,
  },
  {
    alert: "MySqlNoPrimary",
    title: "with no server at all",
    series: { [mysql("global_variables_read_only")]: [0, undefined] },
    waits: 5,
  },
  {
    alert: "MySqlConnectionsHigh",
    series: { [mysql("global_status_threads_connected")]: [80, 81], [mysql("global_variables_max_connections")]: 100 },
  },
  {
    alert: "MySqlCertificateExpires",
    series: {
      [ours("certificate_not_after_timestamp_seconds", { server: "mysql-0" })]: [
        30 * DAY + 2400,
        30 * DAY + 2399,
        31 * DAY,
      ],
      [ours("ca_certificate_not_after_timestamp_seconds", { server: "mysql-0" })]: 90 * DAY,
    },
  },
  {
    alert: "MySqlCertificateExpires",
    title: "of the CA",
    series: {
      [ours("certificate_not_after_timestamp_seconds", { server: "mysql-0" })]: 90 * DAY,
      [ours("ca_certificate_not_after_timestamp_seconds", { server: "mysql-0" })]: [31 * DAY, 30 * DAY],
    },
  },
  { alert: "MySqlControllerNotLeading", series: { [ours("controller_leads")]: [1, 0] } },
  {
    alert: "MySqlControllerNotLeading",
    title: "without a controller",
    series: { [ours("controller_leads")]: [1, undefined] },
  },
  { alert: "MySqlControllerPaused", series: { [ours("controller_paused")]: [0, 1] } },
  { alert: "MySqlBinlogsLate", series: { [ours("binlogs_late_seconds", { server: "mysql-0" })]: [300, 301] } },
  { alert: "MySqlProblems", series: { [ours("problems")]: [0, 1], [ours("controller_paused")]: 0 } },
  {
    alert: "MySqlProblems",
    title: "unless the controller is paused",
    series: { [ours("problems")]: 1, [ours("controller_paused")]: [1, 0] },
  },
  {
    alert: "MySqlTwoPrimaries",
    series: {
      [mysql("global_variables_read_only")]: 0,
      [mysql("global_variables_read_only", "mysql-0", "replaced")]: 0,
      [mysql("global_variables_read_only", "mysql-1")]: [1, 0],
    },
  },
  {
    alert: "MySqlPrimaryChanged",
    series: {
      [mysql("global_variables_read_only")]: [0, 1, 1],
      [mysql("global_variables_read_only", "mysql-1")]: [1, 0, 0],
    },
    firesAt: 2,
  },
  {
    alert: "MySqlPrimaryChanged",
    title: "not if the pod of the same primary is replaced",
    phase: 10,
    series: {
      [mysql("global_variables_read_only")]: [0, 1, 1],
      [mysql("global_variables_read_only", "mysql-1")]: [1, 0, undefined],
      [mysql("global_variables_read_only", "mysql-1", "replaced")]: [undefined, undefined, 0],
    },
    firesAt: 2,
  },
  {
    alert: "MySqlReplicaStopped",
    title: "receiving",
    series: { [mysql("slave_status_replica_io_running")]: [1, 0], [mysql("slave_status_replica_sql_running")]: 1 },
  },
  {
    alert: "MySqlReplicaStopped",
    title: "applying",
    series: { [mysql("slave_status_replica_io_running")]: 1, [mysql("slave_status_replica_sql_running")]: [1, 0] },
  },
  { alert: "MySqlReplicaBehind", series: { [mysql("slave_status_seconds_behind_source")]: [60, 61] } },
  { alert: "MySqlErrantTransactions", series: { [ours("errant_transactions")]: [0, 1] } },
  {
    alert: "MySqlNotSemiSynchronous",
    series: {
      [mysql("global_status_rpl_semi_sync_source_status")]: 1,
      [mysql("global_status_rpl_semi_sync_source_status", "mysql-1")]: 0,
      [mysql("global_status_rpl_semi_sync_source_clients")]: [1, 0],
      [mysql("global_variables_rpl_semi_sync_source_wait_for_replica_count")]: 1,
      [mysql("global_variables_read_only")]: 0,
      [mysql("global_variables_read_only", "mysql-1")]: 1,
    },
  },
  {
    alert: "MySqlNotSemiSynchronous",
    title: "turned off",
    series: { [mysql("global_status_rpl_semi_sync_source_status")]: [1, 0], [mysql("global_variables_read_only")]: 0 },
  },
];

const backups: readonly AlertCase[] = [
  ...(["BackupTooOld", "VerificationTooOld", "BackupWithoutRegistry"] as const).flatMap((alert): AlertCase[] => {
    const cronJob = alert === "VerificationTooOld" ? "mysql-verify" : "mysql-backup";
    const what = {
      BackupTooOld: "backup_last_success",
      VerificationTooOld: "verify_last_success",
      BackupWithoutRegistry: "backup_last_registry",
    };
    const last = ours(`${what[alert]}_timestamp_seconds`);
    const series = { [created(cronJob)]: -DAY };
    // At the end of the first phase it is 60 minutes old.
    return [
      { alert, phase: 62, series: { ...series, [last]: [60, 60, 9000] } },
      { alert, title: "if there was never one", phase: 62, series: { [created(cronJob)]: 60, [last]: [0, 0, 9000] } },
      { alert, title: "not while the metric is missing", series: { ...series, [last]: [undefined, 0] } },
    ];
  }),
  { alert: "BackupFailed", series: { [ours("backup_failed")]: [0, 1] } },
  { alert: "VerificationFailed", series: { [ours("verify_failed")]: [0, 1] } },
];

const workloads: readonly AlertCase[] = [
  { alert: "StatefulSetReplicasMismatch", series: { [wanted]: 3, [ready]: [3, 2] } },
  {
    alert: "StatefulSetUpdateStuck",
    series: { [wanted]: 3, [of("kube_statefulset_status_replicas_updated", nacosSet)]: [3, 1] },
    waits: 24,
  },
  {
    alert: "DeploymentReplicasMismatch",
    series: {
      [kube("deployment_spec_replicas", { deployment: "d" })]: 2,
      [kube("deployment_status_replicas_available", { deployment: "d" })]: [2, 1],
    },
  },
  {
    alert: "DeploymentRolloutStuck",
    series: {
      [kube("deployment_status_condition", { deployment: "d", condition: "Progressing", status: "false" })]: [0, 1],
    },
  },
  {
    alert: "DeploymentUnavailable",
    series: {
      [kube("deployment_spec_replicas", { deployment: "d" })]: 2,
      [kube("deployment_status_replicas_available", { deployment: "d" })]: [1, 0],
    },
  },
  {
    alert: "PodFrequentlyRestarting",
    phase: 90,
    series: {
      [kube("pod_init_container_status_restarts_total", sidecar)]: [{ gains: 5 / 60 }, { gains: 6 / 60 }, { gains: 0 }],
    },
  },
  {
    alert: "PodFrequentlyRestarting",
    title: "of a container that is no sidecar",
    phase: 90,
    series: {
      [kube("pod_container_status_restarts_total", server)]: [{ gains: 5 / 60 }, { gains: 6 / 60 }, { gains: 0 }],
    },
  },
  {
    alert: "PodOutOfMemory",
    series: {
      [kube("pod_init_container_status_last_terminated_reason", { ...sidecar, reason: "OOMKilled" })]: 1,
      [kube("pod_init_container_status_restarts_total", sidecar)]: [0, 1, 1],
    },
    firesAt: 5,
  },
  { alert: "PodPending", series: { [kube("pod_status_phase", { pod: "p", phase: "Pending" })]: [0, 1] } },
  {
    alert: "PodPending",
    title: "not while a step of a backup runs",
    series: {
      [kube("pod_status_phase", { pod: step.pod, phase: "Pending" })]: 1,
      [kube("pod_init_container_status_running", step)]: [1, 0],
      [kube("pod_init_container_status_running", { ...sidecar, pod: step.pod })]: 1,
    },
  },
  {
    alert: "PodNotReady",
    series: {
      [kube("pod_status_ready", { pod: "p", uid: "u", condition: "false" })]: [0, 1],
      [kube("pod_status_phase", { pod: "p", uid: "u", phase: "Running" })]: 1,
    },
  },
  {
    alert: "PodNotReady",
    title: "only if it runs",
    series: {
      [kube("pod_status_ready", { pod: "p", uid: "u", condition: "false" })]: 1,
      [kube("pod_status_phase", { pod: "p", uid: "u", phase: "Running" })]: [0, 1],
    },
  },
  {
    alert: "ContainerHighCpu",
    series: {
      [of("container_cpu_usage_seconds_total", sidecar)]: [{ gains: 0.8 * 60 }, { gains: 0.82 * 60 }],
      [kube("pod_init_container_resource_limits", { ...sidecar, resource: "cpu" })]: 1.001,
      [of("container_cpu_usage_seconds_total", step)]: { gains: 60 },
      [kube("pod_init_container_resource_limits", { ...step, resource: "cpu" })]: 1,
    },
  },
  {
    alert: "ContainerHighMemory",
    series: {
      [of("container_memory_working_set_bytes", sidecar)]: [90, 91],
      [kube("pod_init_container_resource_limits", { ...sidecar, resource: "memory" })]: 100,
      [of("container_memory_working_set_bytes", server)]: 100,
      [kube("pod_container_resource_limits", { ...server, resource: "memory" })]: 100,
    },
  },
  { alert: "VolumeFilling", series: { [used]: [80, 81], [capacity]: 100, ...backupVolume(85) } },
  { alert: "VolumeFilling", title: "until it is almost full", series: { [used]: [90, 89], [capacity]: 100 } },
  { alert: "VolumeAlmostFull", series: { [used]: [89, 90], [capacity]: 100, ...backupVolume(99) } },
  {
    alert: "JobFailed",
    series: { [kube("job_failed", { ...job, condition: "true" })]: [0, 1], [kube("job_status_start_time", job)]: 0 },
  },
  {
    alert: "JobFailed",
    title: "within the last day",
    series: { [kube("job_failed", { ...job, condition: "true" })]: 1, [kube("job_status_start_time", job)]: [-DAY, 0] },
  },
  {
    alert: "JobRunningTooLong",
    phase: 41,
    series: { [kube("job_status_start_time", job)]: 0, [kube("job_status_active", job)]: [1, 1, 0] },
  },
  {
    alert: "QuotaNearlyUsed",
    series: {
      [kube("resourcequota", { resource: "pods", type: "used" })]: [90, 91],
      [kube("resourcequota", { resource: "pods", type: "hard" })]: 100,
    },
  },
  {
    alert: "DisruptionBudgetBlocks",
    series: {
      [kube("poddisruptionbudget_status_pod_disruptions_allowed", { poddisruptionbudget: "nacos" })]: [1, 0],
      [kube("poddisruptionbudget_status_expected_pods", { poddisruptionbudget: "nacos" })]: 3,
    },
  },
  { alert: "AutoscalerAtMaximum", series: { ...cpuLoad, [servers]: [4, 5], [mostServers]: 5 } },
  {
    alert: "AutoscalerAtMaximum",
    title: "until the load is over",
    series: { ...cpuLoad, [cpuUsed]: [{ gains: 41 }, { gains: 43 }], [servers]: 5, [mostServers]: 5 },
  },
  {
    alert: "AutoscalerNotActive",
    series: {
      [kube("horizontalpodautoscaler_status_condition", { condition: "ScalingActive", status: "false" })]: [0, 1],
    },
  },
];

const metrics: readonly AlertCase[] = [
  { alert: "MetricsNotRead", series: { [of("up", { pod: "nacos-0" })]: [1, 0] } },
  { alert: "NacosMetricsMissing", series: { [monitor("config", "configCount")]: [1, undefined] } },
  { alert: "MySqlMetricsMissing", series: { [mysql("up")]: [1, undefined] } },
  { alert: "BackupMetricsMissing", series: { [ours("backup_last_success_timestamp_seconds")]: [1, undefined] } },
  { alert: "KubeMetricsMissing", series: { [wanted]: [1, undefined] } },
];

/** Every alert with its threshold: thresholds are the defaults, but an hour for the age of verifications. */
export const CASES: readonly AlertCase[] = [...nacos, ...mysqlServers, ...backups, ...workloads, ...metrics];
