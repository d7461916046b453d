import { type Alert, metric, type Watched } from "./alert";

/** What MySQL's servers do, by their exporters and the controller. */
export function mysqlAlerts(of: Watched, { servers, semiSync }: NonNullable<Watched["mysql"]>): Alert[] {
  const { thresholds } = of;
  const variable = (name: string) => metric(of, `mysql_global_variables_${name}`);
  const status = (name: string) => metric(of, `mysql_global_status_${name}`);
  const ours = (name: string) => metric(of, `nacos_platform_mysql_${name}`);
  const replica = (name: string) => `min by (namespace, pod) (${metric(of, `mysql_slave_status_${name}`)})`;
  const onPrimary = `and on (namespace, pod) (${variable("read_only")} == 0)`;
  const alerts: Alert[] = [
    {
      name: "MySqlServerDown",
      severity: "warning",
      minutes: 2,
      expr: `${metric(of, "mysql_up")} == 0`,
      summary: "MySQL in {{ $labels.pod }} does not answer",
      description: "The exporter in the same pod cannot log in. If it is the primary, MySqlNoPrimary says so too.",
      action: "`npm run ops -- mysql status`: docs/runbooks/mysql-status.md.",
    },
    {
      name: "MySqlNoPrimary",
      severity: "critical",
      minutes: 1,
      expr: `min by (namespace) (${variable("read_only")}) == 1 or absent(${variable("read_only")})`,
      summary: "No MySQL server is writable",
      description: "Nothing can be published. Reads of configurations and the registry continue from Nacos' memory.",
      action:
        "`npm run ops -- mysql status`. With manual failover, and a primary that does not come back: docs/runbooks/mysql-failover.md.",
    },
    {
      name: "MySqlConnectionsHigh",
      severity: "warning",
      minutes: 5,
      expr: `100 * ${status("threads_connected")} / on (namespace, pod) ${variable("max_connections")} > ${thresholds.connectionsPercent}`,
      summary: '{{ $value | printf "%.0f" }} % of the connections of {{ $labels.pod }} are used',
      description: "When all are used, Nacos and tenants cannot connect any more.",
      action:
        "`SELECT user, COUNT(*) FROM performance_schema.processlist GROUP BY user` shows whose they are. Raise `mysql.maxConnections`, or lower `nacos.databasePoolSize`.",
    },
    {
      name: "MySqlCertificateExpires",
      severity: "warning",
      minutes: 0,
      // In one selector: of two metrics with the same labels, `or` would drop the second.
      expr: `(min by (namespace, server) (${metric(of, "", '__name__=~"nacos_platform_mysql_(ca_)?certificate_not_after_timestamp_seconds"')}) - time()) / 86400 < ${thresholds.certificateDays}`,
      summary: 'A certificate of {{ $labels.server }} expires in {{ $value | printf "%.0f" }} days',
      description: "From that day on no client can connect.",
      action: "Any `pulumi up` renews it: docs/runbooks/mysql-certificates.md.",
    },
    {
      name: "MySqlControllerNotLeading",
      severity: "critical",
      minutes: 2,
      expr: `max by (namespace) (${ours("controller_leads")}) == 0 or absent(${ours("controller_leads")})`,
      summary: "No controller leads MySQL's servers",
      description: "There is no failover, and a server that restarts stays read-only.",
      action: "`kubectl describe deployment/mysql-controller` and its log: docs/runbooks/mysql-status.md.",
    },
    {
      name: "MySqlControllerPaused",
      severity: "warning",
      minutes: thresholds.pausedMinutes,
      expr: `max by (namespace) (${ours("controller_paused")}) == 1`,
      summary: "MySQL's controller has been paused for a long time",
      description:
        "There is no failover, a server that restarts stays read-only, and binary logs are copied off-site only when they are full.",
      action:
        "`npm run ops -- mysql status` says who has paused it and why; `npm run ops -- mysql resume`: docs/runbooks/mysql-pause.md.",
    },
    {
      name: "MySqlBinlogsLate",
      severity: "warning",
      minutes: 1,
      // Only servers that copy them have this metric.
      expr: `max by (namespace, server) (${ours("binlogs_late_seconds")}) > 300`,
      summary: "{{ $labels.server }} has not copied its binary logs off-site for {{ $value | humanizeDuration }}",
      description: "What was committed since is on the servers' volumes only, and no restore reaches it.",
      action:
        "`kubectl logs POD --container binlogs`, with the server for POD, shows why: docs/runbooks/mysql-backup.md.",
    },
    {
      name: "MySqlProblems",
      severity: "warning",
      minutes: 5,
      expr: `max by (namespace) (${ours("problems")}) > 0 unless on (namespace) max by (namespace) (${ours("controller_paused")}) == 1`,
      summary: "MySQL's controller reports {{ $value }} problem(s)",
      description:
        "The controller cannot bring the servers to the declared state by itself. Its log names each problem.",
      action:
        "`npm run ops -- mysql status`, `kubectl logs deployment/mysql-controller`: docs/runbooks/mysql-status.md.",
    },
  ];
  if (servers < 2) return alerts;
  return [
    ...alerts,
    {
      name: "MySqlTwoPrimaries",
      severity: "critical",
      minutes: 1,
      // By pod: one that is replaced has another address, which makes another series of the same server.
      expr: `count by (namespace) (min by (namespace, pod) (${variable("read_only")}) == 0) > 1`,
      summary: "{{ $value }} MySQL servers are writable",
      description: "Clients may write to different servers, and one of them will have to lose these transactions.",
      action:
        "`npm run ops -- mysql status` names the declared primary. Pause nothing; the controller makes the others read-only: docs/runbooks/mysql-status.md.",
    },
    {
      name: "MySqlPrimaryChanged",
      severity: "warning",
      minutes: 0,
      // A server that restarts is read-only for a moment, and stays the only one that was writable.
      expr: `count by (namespace) (min by (namespace, pod) (min_over_time(${variable("read_only")}[15m])) == 0) > 1`,
      summary: "Another MySQL server has become the primary within 15 minutes",
      description: "A failover, or a switchover by an operator. The previous primary may have errant transactions.",
      action:
        "If nobody has switched over, find out why the primary failed: `kubectl logs deployment/mysql-controller`, docs/runbooks/mysql-failover.md.",
    },
    {
      name: "MySqlReplicaStopped",
      severity: "warning",
      minutes: 2,
      expr: `${replica("replica_io_running")} == 0 or ${replica("replica_sql_running")} == 0`,
      summary: "{{ $labels.pod }} does not replicate",
      description:
        "It receives nothing from its source, or does not apply what it receives. It cannot replace the primary.",
      action:
        "`npm run ops -- mysql status` has the error. If it cannot apply a transaction: docs/runbooks/mysql-rejoin.md.",
    },
    {
      name: "MySqlReplicaBehind",
      severity: "warning",
      minutes: 5,
      expr: `max by (namespace, pod) (${metric(of, "mysql_slave_status_seconds_behind_source")}) > ${thresholds.replicaBehindSeconds}`,
      summary: "{{ $labels.pod }} is {{ $value }} s behind its source",
      description: "A failover to it would take as long. A backup of it is as old.",
      action: "A long transaction, or a node whose disk is slow: docs/runbooks/mysql-status.md.",
    },
    {
      name: "MySqlErrantTransactions",
      severity: "warning",
      minutes: 1,
      expr: `max by (namespace) (${ours("errant_transactions")}) > 0`,
      summary: "A MySQL server has {{ $value }} errant transaction(s)",
      description: "The primary does not have them. The server is not promoted while another one has the rest.",
      action: "docs/runbooks/mysql-rejoin.md.",
    },
    {
      name: "MySqlNotSemiSynchronous",
      severity: semiSync === "required" ? "critical" : "warning",
      minutes: 2,
      expr: `(${status("rpl_semi_sync_source_status")} == 0 or ${status("rpl_semi_sync_source_clients")} < on (namespace, pod) ${variable("rpl_semi_sync_source_wait_for_replica_count")}) ${onPrimary}`,
      summary: "Commits on {{ $labels.pod }} are not semi-synchronous",
      description:
        "Too few replicas acknowledge. With `mysql.semiSync: required` commits wait, so nothing can be published; with `preferred` a failover may lose transactions now.",
      action: "`npm run ops -- mysql status` shows which replica is missing: docs/runbooks/mysql-status.md.",
    },
  ];
}
