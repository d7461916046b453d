import { escape } from "mysql2";
import type { ServerState, Server } from "./server";
import { acknowledgementsOf, replicasOf, type Topology } from "./topology";

/** Longest wait for commits under way before a server turns read-only. */
const LOCK_MS = 5000;

/**
 * Makes a server the one that takes writes. Repeating it changes nothing. It must be the declared primary and must have
 * applied all that it received.
 */
export async function promote(topology: Topology, server: Server): Promise<void> {
  const replicas = replicasOf(topology);
  await server.run("STOP REPLICA", "RESET REPLICA ALL");
  // Before the first write: from now on no client hears of a transaction that only this server has.
  if (replicas > 0) {
    await server.run(`SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ${acknowledgementsOf(topology)}`, "SET GLOBAL rpl_semi_sync_source_enabled = ON");
  } else {
    await server.run("SET GLOBAL rpl_semi_sync_source_enabled = OFF");
  }
  await server.run("SET GLOBAL read_only = OFF"); // and with it super_read_only
}

/** Makes a server follow the primary from where it is. It must have no transaction that the primary lacks. */
export async function follow(topology: Topology, server: Server, primary: Server): Promise<void> {
  const { user, password } = topology.replication;
  await server.run(
    "SET GLOBAL super_read_only = ON",
    "STOP REPLICA",
    "SET GLOBAL rpl_semi_sync_source_enabled = OFF",
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = ${escape(primary.host)}, SOURCE_PORT = 3306, SOURCE_USER = ${escape(user)}, SOURCE_PASSWORD = ${escape(password)}, ` +
      "SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, SOURCE_SSL_CA = '/tls/ca.crt', SOURCE_SSL_VERIFY_SERVER_CERT = 1, " +
      "SOURCE_HEARTBEAT_PERIOD = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0",
    "START REPLICA",
  );
}

/**
 * Takes a server's writes away. Its clients are cut off before anything else: none of them may hear that a transaction
 * was committed which waits here for an acknowledgement that it will never get.
 */
export async function demote(server: Server, state: ServerState): Promise<void> {
  if (!state.writable) return;
  await disconnectClients(server);
  await server.query("SET GLOBAL super_read_only = ON", [], LOCK_MS);
  await disconnectClients(server);
}

/** Ends the connections of all clients; replication, event scheduler and this connection stay. */
export async function disconnectClients(server: Server): Promise<void> {
  const clients = await server.query(
    "SELECT ID AS id FROM performance_schema.processlist WHERE ID <> CONNECTION_ID() AND USER NOT IN ('system user', 'event_scheduler', 'platform_control') AND COMMAND NOT LIKE 'Binlog Dump%'",
  );
  for (const { id } of clients) await server.query("KILL CONNECTION ?", [id as number]).catch(ignoreGone);
}

function ignoreGone(error: unknown): void {
  if ((error as { errno?: number }).errno !== 1094) throw error; // ER_NO_SUCH_THREAD: it has left by itself
}
