import { MYSQL_PORT } from "../../contract/ports";
import { MIB } from "../../contract/quantity";
import { acknowledgements } from "../../contract/quorum";

/** Where things lie in the MySQL container. The data directory is below the mount: a fresh volume holds lost+found. */
export const MYSQL_PATHS = {
  volume: "/var/lib/mysql",
  data: "/var/lib/mysql/data",
  temporary: "/var/lib/mysql/tmp",
  run: "/run/mysqld",
  socket: "/run/mysqld/mysqld.sock",
  /** Certificate, key and CAs; the servers' replication names this folder too. */
  tls: "/tls",
} as const;

const TEMPORARY_TABLES_MIB = 64;
/** Of the transactions that wait to be applied, a replica reads so much ahead. */
const PENDING_MIB = 16;
/**
 * What mysqld takes besides the buffer pool and connections: 450 MiB were measured with MySQL 9.7 on two cores, as a
 * primary with a pool full of changed pages and room for 200 connections (210 of them are performance_schema's); the rest
 * is to spare.
 */
const BASE_MIB = 496 + TEMPORARY_TABLES_MIB + PENDING_MIB;
const PER_CONNECTION_MIB = 2;
/** InnoDB rounds the pool up to a multiple of its chunk size. */
const CHUNK_MIB = 128;
/** The rest is for the page cache of binary logs, sorts and spikes. */
const POOL_SHARE = 0.7;

/** Connections that MySQL has to accept: every Nacos server's whole pool, and the reserve. */
export function connectionsNeeded(args: { replicas: number; databasePoolSize: number; connectionReserve: number }): number {
  return args.replicas * args.databasePoolSize + args.connectionReserve;
}

/** What a server takes besides its buffer pool when so many clients are connected, in MiB. */
export function besidesPoolMiB(connections: number): number {
  return BASE_MIB + connections * PER_CONNECTION_MIB;
}

/**
 * InnoDB's buffer pool for a memory limit: what is left besides, at most 70 % of the limit, in whole chunks of 128 MiB.
 *
 * @returns MiB; 0 when the limit is too small, see {@link leastMemoryMiB}.
 */
export function bufferPoolMiB(memoryLimitBytes: number, besidesMiB: number): number {
  const limit = Math.floor(memoryLimitBytes / MIB);
  const room = Math.min(limit - besidesMiB, limit * POOL_SHARE);
  return Math.max(0, Math.floor(room / CHUNK_MIB) * CHUNK_MIB);
}

/** The smallest memory limit, in MiB, that holds the smallest buffer pool and so many connections. */
export function leastMemoryMiB(connections: number): number {
  return besidesPoolMiB(connections) + CHUNK_MIB;
}

export interface MyCnfArgs {
  readonly memoryLimitBytes: number;
  readonly maxConnections: number;
  readonly binlogRetentionHours: number;
  /** Servers, the primary among them. */
  readonly servers: number;
  /** Whether commits wait for replicas as long as it takes (`required`), or go on without them after a while (`preferred`). */
  readonly semiSync: "required" | "preferred";
}

/** The longest that a semi-synchronous source can be told to wait: 49 days. */
const FOR_EVER_MS = 4_294_967_295;
const PREFERRED_WAIT_MS = 5000;

/**
 * The server's option file. Only options that MySQL 8.4 and 9.7 know alike. The error log is left at its default, which
 * is standard error; the server's id is given by the start script, because it differs from pod to pod.
 */
export function myCnf(args: MyCnfArgs): string {
  const options: readonly (readonly [string, string | number])[] = [
    ["datadir", MYSQL_PATHS.data],
    ["tmpdir", MYSQL_PATHS.temporary],
    ["socket", MYSQL_PATHS.socket],
    ["pid_file", `${MYSQL_PATHS.run}/mysqld.pid`],
    ["port", MYSQL_PORT],
    ["bind_address", "*"],
    // Plugins that open further doors are off; "loose" because a build may lack the X plugin altogether.
    ["loose_mysqlx", "OFF"],
    ["local_infile", "OFF"],
    ["secure_file_priv", "NULL"],
    ["skip_name_resolve", "ON"],
    ["require_secure_transport", "ON"],
    ["activate_all_roles_on_login", "ON"],
    ["character_set_server", "utf8mb4"],
    ["collation_server", "utf8mb4_0900_ai_ci"],
    ["default_time_zone", "'+00:00'"],
    ["max_connections", args.maxConnections],
    ["max_allowed_packet", "64M"],
    ["innodb_buffer_pool_size", `${bufferPoolMiB(args.memoryLimitBytes, besidesPoolMiB(args.maxConnections))}M`],
    // More than one instance would round the pool up beyond what the limit leaves.
    ["innodb_buffer_pool_instances", 1],
    // By default these take a share of the machine's memory, or more than Nacos' small transactions need.
    ["innodb_log_buffer_size", "16M"],
    ["temptable_max_ram", `${TEMPORARY_TABLES_MIB}M`],
    ["replica_pending_jobs_size_max", `${PENDING_MIB}M`],
    ["performance_schema_events_statements_history_long_size", 1000],
    ["innodb_flush_log_at_trx_commit", 1],
    ["sync_binlog", 1],
    ["gtid_mode", "ON"],
    ["enforce_gtid_consistency", "ON"],
    ["log_bin", "binlog"],
    ["log_replica_updates", "ON"],
    ["replica_preserve_commit_order", "ON"],
    // Nobody writes and nothing is followed until the controller says who is the primary.
    ["super_read_only", "ON"],
    ["skip_replica_start", "ON"],
    ["relay_log", "relay"],
    // What a replica has acknowledged and not yet applied outlives its process: all servers may die at once.
    ["relay_log_recovery", "OFF"],
    // A source sends a heartbeat every second; one that is silent for three is gone.
    ["replica_net_timeout", 3],
    ["plugin_load_add", "rpl_semi_sync_source=semisync_source.so"],
    ["plugin_load_add", "rpl_semi_sync_replica=semisync_replica.so"],
    ["plugin_load_add", "clone=mysql_clone.so"],
    // "loose" because no plugin is there while a data directory is made.
    ["loose_rpl_semi_sync_replica_enabled", "ON"],
    ["loose_rpl_semi_sync_source_wait_for_replica_count", Math.max(1, acknowledgements(args.servers - 1))],
    ["loose_rpl_semi_sync_source_timeout", args.semiSync === "required" ? FOR_EVER_MS : PREFERRED_WAIT_MS],
    ["ssl_ca", `${MYSQL_PATHS.tls}/ca.crt`],
    ["ssl_cert", `${MYSQL_PATHS.tls}/tls.crt`],
    ["ssl_key", `${MYSQL_PATHS.tls}/tls.key`],
    ["loose_clone_ssl_ca", `${MYSQL_PATHS.tls}/ca.crt`],
    ["binlog_expire_logs_seconds", args.binlogRetentionHours * 3600],
    ["max_binlog_size", "100M"],
    ["log_error_verbosity", 2],
  ];
  return ["[mysqld]", ...options.map(([key, value]) => `${key}=${value}`), ""].join("\n");
}
