import { type Alert, metric, type Watched } from "./alert";

/** What Nacos' servers do, by their own metrics and those of their StatefulSet. */
export function nacosAlerts(of: Watched): Alert[] {
  const { thresholds, nacos } = of;
  const replicas = (name: string) =>
    `max by (namespace, statefulset) (${metric(of, `kube_statefulset_${name}`, `statefulset="${nacos.name}"`)})`;
  const monitor = (module: string, name: string) => metric(of, "nacos_monitor", `module="${module}",name="${name}"`);
  // Every server counts all instances. At midnight (UTC) the gauge is 0 for some seconds.
  const instances = (offset = "") => `max by (namespace) (max_over_time(${monitor("naming", "ipCount")}[5m]${offset}))`;
  const alerts: Alert[] = [
    {
      name: "NacosServerDown",
      severity: "warning",
      minutes: 10,
      expr: `${replicas("status_replicas_ready")} < ${replicas("replicas")}`,
      summary: "Only {{ $value }} Nacos server(s) in {{ $labels.namespace }} are ready",
      description: "A server is not ready. Clients use the others; one more failure may cost the majority.",
      action: "`npm run ops -- nacos status` names the server and the reason: docs/runbooks/nacos-status.md.",
    },
    {
      name: "NacosMajorityLost",
      severity: "critical",
      minutes: 3,
      expr: `${replicas("status_replicas_ready")} <= ${replicas("replicas")} / 2`,
      summary: "Only {{ $value }} Nacos server(s) in {{ $labels.namespace }} are ready, which is no majority",
      description:
        "Raft needs a majority: persistent instances cannot change, and without any server clients cannot register.",
      action: "`npm run ops -- nacos status`, then the pods that it names: docs/runbooks/nacos-status.md.",
    },
    {
      name: "NacosRestarted",
      severity: "warning",
      minutes: 0,
      expr: `sum by (namespace, pod) (increase(${metric(of, "kube_pod_container_status_restarts_total", `container="nacos"`)}[15m])) > 0`,
      summary: "Nacos in {{ $labels.pod }} has restarted",
      description:
        "The container ended by itself or was ended by its liveness probe. An update restarts pods, not containers.",
      action:
        "`kubectl logs POD --container nacos --previous` and the last state in `kubectl describe pod POD` say why: docs/runbooks/nacos-status.md.",
    },
    {
      name: "NacosHeapHigh",
      severity: "warning",
      minutes: 10,
      // Some pools have no limit of their own, and say -1.
      expr: `100 * sum by (namespace, pod) (${metric(of, "jvm_memory_used_bytes", `area="heap"`)}) / sum by (namespace, pod) (${metric(of, "jvm_memory_max_bytes", `area="heap"`)} > 0) > ${thresholds.heapPercent}`,
      summary: 'The heap of {{ $labels.pod }} is {{ $value | printf "%.0f" }} % full',
      description:
        "Garbage collection no longer frees memory. Answers become slow, then the server ends with an OutOfMemoryError.",
      action:
        "Raise `nacos.resources.limits.memory`: the heap is most of it. docs/configuration.md says how it is divided.",
    },
    {
      name: "NacosDirectMemoryHigh",
      severity: "warning",
      minutes: 10,
      expr: `100 * max by (namespace, pod) (${metric(of, "jvm_buffer_memory_used_bytes", `id="direct"`)}) / ${nacos.directBytes} > ${thresholds.directMemoryPercent}`,
      summary: 'The direct memory of {{ $labels.pod }} is {{ $value | printf "%.0f" }} % full',
      description: "gRPC keeps its buffers there. When it is full, the server refuses requests of clients.",
      action:
        "More servers share the clients: `nacos.replicas`. Or raise `nacos.resources.limits.memory`: docs/configuration.md says how it is divided.",
    },
    {
      name: "NacosPushSlow",
      severity: "warning",
      minutes: 5,
      // Counted again every minute; -1 means that nothing was pushed.
      expr: `max by (namespace, pod) (max_over_time(${monitor("naming", "avgPushCost")}[2m])) > ${thresholds.pushMilliseconds}`,
      summary: "A push of {{ $labels.pod }} to a client takes {{ $value }} ms on average",
      description: "Clients learn late that instances have come or gone, and call instances that are down.",
      action:
        "Compare CPU and heap of the server. If it is at its CPU limit, raise `nacos.resources.limits.cpu` or `nacos.replicas`: docs/autoscaling.md.",
    },
    {
      name: "NacosInstancesDropped",
      severity: "critical",
      minutes: 2,
      expr: `${instances()} < ${1 - thresholds.instancesDropPercent / 100} * (${instances(" offset 15m")} >= 10)`,
      summary: "Only {{ $value }} instances are registered in {{ $labels.namespace }}, many fewer than 15 minutes ago",
      description:
        "Many instances have left the registry at once: a failure of the clients, of the network to them, or of Nacos. Callers find no instances. It says nothing with fewer than 10 instances.",
      action:
        "Ask if somebody has stopped services on purpose. If not, `npm run ops -- nacos status` shows the connections of each server: docs/runbooks/nacos-status.md.",
    },
    {
      name: "NacosPublishBurst",
      severity: "warning",
      minutes: 0,
      // In 2.2 to 2.4 HTTP and gRPC have a timer each. The gauge `publish` is set to 0 every midnight.
      expr: `sum by (namespace) (increase(${metric(of, "nacos_timer_seconds_count", `module="config",name=~"writeConfigRt|writeConfigRpcRt"`)}[5m])) > ${thresholds.publishesIn5Minutes}`,
      summary: '{{ $value | printf "%.0f" }} configurations were published in {{ $labels.namespace }} within 5 minutes',
      description:
        "More than usual: a release, or a program that publishes in a loop. Each publish goes to every client that listens.",
      action:
        "Nacos' history of configurations, in its console, names who has published: docs/runbooks/nacos-console.md.",
    },
    {
      name: "NacosDatabaseErrors",
      severity: "warning",
      minutes: 5,
      // A server whose database is unreachable counts one error every 10 to 60 s. A single one, as in a failover, holds for 2 minutes
      // only. The counter begins to exist with the first.
      expr: `sum by (namespace, pod) (increase(${metric(of, "nacos_exception_total", `name="db"`)}[2m])) > 0`,
      summary: "{{ $labels.pod }} cannot use its database",
      description:
        "Publishing through this server fails; reads and the registry continue from memory. If only one server says so, the fault is between it and MySQL, not MySQL.",
      action:
        "`npm run ops -- mysql status`. If MySQL is healthy: the log of the pod, and network policies of its node.",
    },
    {
      name: "NacosConfigDumpBehind",
      severity: "warning",
      minutes: 5,
      expr: `min by (namespace, pod) (min_over_time(${monitor("config", "dumpTask")}[10m])) > 0`,
      summary: "{{ $labels.pod }} has {{ $value }} configurations that it has not read from MySQL",
      description:
        "The server gives clients the previous configurations: it reads changes more slowly than they come, or not at all.",
      action: "`npm run ops -- mysql status`; if MySQL is healthy, `kubectl logs POD --container nacos`.",
    },
  ];
  if (nacos.servers < 2) return alerts;
  const differ = (module: string, name: string) =>
    `max by (namespace) (min_over_time(${monitor(module, name)}[10m])) > min by (namespace) (max_over_time(${monitor(module, name)}[10m]))`;
  const ours = (name: string) => metric(of, `nacos_platform_nacos_${name}`);
  return [
    ...alerts,
    {
      name: "NacosMembersDisagree",
      severity: "warning",
      minutes: 10,
      expr: `max by (namespace, pod) (${ours("member_problems")}) > 0`,
      summary: "{{ $labels.pod }} has another list of members, or does not reach {{ $value }} of them",
      description: "The server gets no registrations and no changes from the others, or does not answer.",
      action: "`npm run ops -- nacos status` shows what each server sees: docs/runbooks/nacos-status.md.",
    },
    {
      name: "NacosRaftUnhealthy",
      severity: "warning",
      minutes: 10,
      expr: `max by (namespace) (${ours("raft_problems")}) > 0`,
      summary: "{{ $value }} problem(s) of Nacos' Raft groups in {{ $labels.namespace }}",
      description:
        "A Raft group has no leader, so persistent instances cannot change; or it has a ghost peer or lacks a member, so that it survives one failure fewer.",
      action: "`npm run ops -- nacos status` names the group. Ghost peers: docs/runbooks/nacos-repair.md.",
    },
    {
      name: "NacosConfigurationsDiffer",
      severity: "warning",
      minutes: 10,
      expr: differ("config", "configCount"),
      summary: "The Nacos servers in {{ $labels.namespace }} have different numbers of configurations",
      description:
        "For 10 minutes one server has had fewer configurations than another, so it gives clients an old configuration or none.",
      action: "`npm run ops -- nacos status` names the server; restart its pod: docs/runbooks/nacos-status.md.",
    },
    {
      name: "NacosRegistriesDiffer",
      severity: "warning",
      minutes: 10,
      expr: differ("naming", "ipCount"),
      summary: "The Nacos servers in {{ $labels.namespace }} have different numbers of instances",
      description:
        "For 10 minutes one server has known fewer instances than another: they do not reach each other, or one is not a member.",
      action:
        "`npm run ops -- nacos status` shows what each server sees, and the Raft groups: docs/runbooks/nacos-status.md.",
    },
  ];
}
