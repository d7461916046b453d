import { MYSQL_PORT } from "../../contract/ports";
import { MIB } from "../../contract/quantity";
import { acknowledgements } from "../../contract/quorum";

/** Paths in the MySQL container. The data directory is below the mount, because a new volume contains lost+found. */
export const MYSQL_PATHS = {
  volume: "/var/lib/mysql",
  data: "/var/lib/mysql/data",
  temporary: "/var/lib/mysql/tmp",
  run: "/run/mysqld",
  socket: "/run/mysqld/mysqld.sock",
  /** Certificate, key and CAs. The statements that set up replication name this folder as well. */
  tls: "/tls",
} as const;

const TEMPORARY_TABLES_MIB = 64;
/** How many MiB of pending transactions a replica reads ahead. */
const PENDING_MIB = 16;
/**
 * Memory of mysqld in addition to the buffer pool and connections. Measured were 450 MiB, with MySQL 9.7 on two cores, on a
 * primary with a pool full of changed pages and room for 200 connections; performance_schema took 210 of the 450. The rest
 * is a reserve.
 */
const BASE_MIB = 496 + TEMPORARY_TABLES_MIB + PENDING_MIB;
const PER_CONNECTION_MIB = 2;
/** InnoDB rounds the pool up to a multiple of its chunk size. */
const CHUNK_MIB = 128;
/** Share of the memory limit. The rest is for the page cache of binary logs, for sorts and for spikes. */
const POOL_SHARE = 0.7;

/** Connections that MySQL has to accept: the full pool of every Nacos server that there may be, and the reserve. */
export function connectionsNeeded(args: {
  nacosServers: number;
  databasePoolSize: number;
  connectionReserve: number;
}): number {
  return args.nacosServers * args.databasePoolSize + args.connectionReserve;
}

/** Memory of a server in addition to its buffer pool, with this number of connections, in MiB. */
export function besidesPoolMiB(connections: number): number {
  return BASE_MIB + connections * PER_CONNECTION_MIB;
}

/**
 * The InnoDB buffer pool for a memory limit: what the limit leaves, at most 70 % of it, in chunks of 128 MiB.
 *
 * @returns MiB; 0 if the limit is too small, see {@link leastMemoryMiB}.
 */
export function bufferPoolMiB(memoryLimitBytes: number, besidesMiB: number): number {
  const limit = Math.floor(memoryLimitBytes / MIB);
  const room = Math.min(limit - besidesMiB, limit * POOL_SHARE);
  return Math.max(0, Math.floor(room / CHUNK_MIB) * CHUNK_MIB);
}

/** The smallest memory limit, in MiB, for the smallest buffer pool and this number of connections. */
export function leastMemoryMiB(connections: number): number {
  return besidesPoolMiB(connections) + CHUNK_MIB;
}

export interface MyCnfArgs {
  readonly memoryLimitBytes: number;
  readonly maxConnections: number;
  readonly binlogRetentionHours: number;
  /** Number of servers, including the primary. */
  readonly servers: number;
  /** Whether commits wait for replicas without limit (`required`), or continue without them after 5 s (`preferred`). */
  readonly semiSync: "required" | "preferred";
}

/** The longest timeout of a semi-synchronous source: 49 days. */
const FOR_EVER_MS = 4_294_967_295;
const PREFERRED_WAIT_MS = 5000;

/**
 * The server's option file, with options that both MySQL 8.4 and 9.7 know. The error log keeps its default, standard
 * error. The start script sets the server's ID, because it differs from pod to pod.
 */
export function myCnf(args: MyCnfArgs): string {
  const options: readonly (readonly [string, string | number])[] = [
    ["datadir", MYSQL_PATHS.data],
    ["tmpdir", MYSQL_PATHS.temporary],
    ["socket", MYSQL_PATHS.socket],
    ["pid_file", `${MYSQL_PATHS.run}/mysqld.pid`],
    ["port", MYSQL_PORT],
    ["bind_address", "*"],
    // No further port: the X plugin is off. "loose" because a build may not have it.
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
    // More than one instance would round the pool up to more than the limit leaves.
    ["innodb_buffer_pool_instances", 1],
    // By default these depend on the machine's memory, or are more than Nacos' small transactions need.
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
    // A server starts read-only and without replication. The controller decides which server is the primary.
    ["super_read_only", "ON"],
    ["skip_replica_start", "ON"],
    ["relay_log", "relay"],
    // A replica keeps what it has acknowledged and not yet applied, because all servers may die at the same time.
    ["relay_log_recovery", "OFF"],
    // A source sends a heartbeat every second. After 3 s without one, the replica reconnects.
    ["replica_net_timeout", 3],
    ["plugin_load_add", "rpl_semi_sync_source=semisync_source.so"],
    ["plugin_load_add", "rpl_semi_sync_replica=semisync_replica.so"],
    ["plugin_load_add", "clone=mysql_clone.so"],
    // A clone copies only InnoDB tables: any other would be empty there, with all transactions. MySQL's own tables are exempt.
    ["disabled_storage_engines", "MyISAM,MRG_MYISAM,MEMORY,CSV,ARCHIVE,BLACKHOLE"],
    // "loose" because no plugin is loaded while the data directory is initialized.
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
