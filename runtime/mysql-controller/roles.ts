import { escape } from "mysql2";
import type { Credentials } from "../../contract/credentials";
import { pause } from "../../clients/pause";
import type { ReplicaState, ServerState, Server } from "./server";
import { acknowledgementsOf, replicasOf, type Topology } from "./topology";

/** How long clients may still find the old primary, until every node knows the new one. */
const STRAY_CLIENTS_MS = 4000;
/** Longest wait for commits under way before a server turns read-only. */
const LOCK_MS = 5000;
const LOOK_MS = 5;
/** No limit on this side. */
const FOR_EVER = 0;
/** Errors of a start: what the server was told to follow came with a clone, without the logs that belong to it. */
const NOTHING_TO_START = [1201, 1872];
/** ER_CON_COUNT_ERROR */
const TOO_MANY_CONNECTIONS = 1040;
/** With these a source refuses an account: ER_CON_COUNT_ERROR, which the controller's gets round, ER_ACCESS_DENIED_ERROR, ER_ACCOUNT_HAS_BEEN_LOCKED. */
const REFUSED = [TOO_MANY_CONNECTIONS, 1045, 3118];

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

/**
 * Makes a server follow the primary from what it has applied. It must have no transaction that the primary lacks; what it
 * has received beside that is deleted.
 */
export async function follow(topology: Topology, server: Server, primary: Server): Promise<void> {
  const { replication, control } = topology;
  const account = followersAccount(topology, primary); // asked meanwhile: a new primary's first commit waits for a follower
  await server.run("SET GLOBAL super_read_only = ON", "STOP REPLICA", "RESET REPLICA ALL", "SET GLOBAL rpl_semi_sync_source_enabled = OFF");
  await server.run(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = ${escape(primary.host)}, SOURCE_PORT = 3306, SOURCE_USER = ${escape(replication.user)}, SOURCE_PASSWORD = ${escape(replication.password)}, ` +
      "SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, SOURCE_SSL_CA = '/tls/ca.crt', SOURCE_SSL_VERIFY_SERVER_CERT = 1, " +
      "SOURCE_HEARTBEAT_PERIOD = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0",
    `START REPLICA${as((await account) ?? control)}`,
  );
}

/**
 * The account with which others follow a server: the one for that, where the server knows it with all that belongs to it,
 * otherwise the controller's. A first server's accounts wait for an acknowledgement, so somebody has to follow before.
 *
 * @returns undefined where the server lets neither follow, or does not say so.
 */
async function followersAccount({ replication, control }: Topology, source: Server): Promise<Credentials | undefined> {
  for (const account of [replication, control]) if (await source.sends(account)) return account;
  return undefined;
}

/** With an account that the server does not keep: what it keeps can be read by who may read everything. */
function as({ user, password }: Credentials): string {
  return ` USER = ${escape(user)} PASSWORD = ${escape(password)}`;
}

/**
 * Sees to it that a replica follows with the account for that, as soon as there is one, and with one that its source
 * knows. What it has received stays.
 *
 * @param replica what it says, which is that it receives and applies.
 * @param mayDisconnect whether it may be without its source for a moment. A commit that creates an account keeps everybody
 *   from signing in to the source until a replica has acknowledged it: if none is connected then, none can connect any more.
 * @returns whether it was disconnected.
 */
export async function followAsItself(topology: Topology, server: Server, replica: ReplicaState, primary: Server, mayDisconnect: boolean): Promise<boolean> {
  const isRefused = REFUSED.includes(replica.receiveError?.code ?? 0);
  if (replica.user === topology.replication.user && !isRefused) return false;
  if (replica.connected && !mayDisconnect) return false;
  const account = await followersAccount(topology, primary);
  if (account === undefined || (account.user === replica.user && !isRefused)) return false;
  topology.log(`${server.name} follows ${primary.name} as ${account.user}`);
  await server.run("STOP REPLICA IO_THREAD", `START REPLICA IO_THREAD${as(account)}`);
  return true;
}

/**
 * Lets a server that has stopped go on from where it is. What it has acknowledged and not yet applied stays in its logs,
 * from which following anew would delete it: until the primary has sent it again, nobody else may have it.
 *
 * @returns false where there is nothing that could go on.
 */
export async function followOn(topology: Topology, server: Server, primary: Server): Promise<boolean> {
  const account = await followersAccount(topology, primary);
  try {
    await server.run(`START REPLICA${account === undefined ? "" : as(account)}`); // otherwise with the account that it has kept
    return true;
  } catch (error) {
    if (NOTHING_TO_START.includes((error as { errno?: number }).errno ?? 0)) return false;
    throw error;
  }
}

/**
 * Takes a server's writes away, which it has where it is writable or where commits of it may still wait for replicas. No
 * client hears of a transaction that no other server has: from the moment that the server is about to turn read-only
 * nobody begins to write, and who wrote until then is cut off before the commits under way come to an end.
 *
 * @param commits what ends those: `await` their acknowledgements, where replicas are connected, or `release` them, where
 *   none may come any more. A released one is in this server's data alone, where a reader may see it.
 * @returns whether there was anything to take away.
 * @throws where they do not end within seconds; the server may be written to then, as before.
 */
export async function demote(topology: Topology, server: Server, state: ServerState, commits: "await" | "release"): Promise<boolean> {
  if (!state.writable && !state.waitsForReplicas) return false;
  const lock = server.another();
  const id = await idOf(lock).catch(async (error: unknown) => {
    if ((error as { errno?: number }).errno !== TOO_MANY_CONNECTIONS) throw error;
    await server.run("SET GLOBAL max_connections = @@GLOBAL.max_connections + 5"); // until its next start
    return idOf(lock);
  });
  let isOver = false;
  // super_read_only alone takes this lock twice, and one with all privileges could write in between. Nothing but what is
  // below may end it, while it is all that keeps writes away; if this process dies, the server does, when it is idle.
  const steps = ["SET SESSION wait_timeout = 30", "FLUSH TABLES WITH READ LOCK", "SET GLOBAL super_read_only = ON", "UNLOCK TABLES"];
  const readOnly = (async () => {
    for (const step of steps) await lock.query(step, [], FOR_EVER);
  })().finally(() => (isOver = true));
  readOnly.catch(() => undefined); // looked at below, or beside the point
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (const deadline = Date.now() + LOCK_MS; !isOver && !(await isSo()); await Promise.race([readOnly, pause(LOOK_MS)])) {
      if (Date.now() > deadline) throw new Error(`${server.name} has not become read-only within ${LOCK_MS / 1000} s: some statement or commit does not end`);
    }
    if (isOver) await readOnly;
  };
  try {
    await until(() => waitsForOthers(server, id));
    await disconnectClients(server);
    // KILL cuts a client off at once, but leaves its commit waiting; that would keep the server from everything else.
    if (commits === "release") {
      if (isOver) await readOnly;
      await server.run("SET GLOBAL rpl_semi_sync_source_enabled = OFF");
    }
    await until(() => Promise.resolve(false));
  } catch (error) {
    await giveBack(topology, server, id).catch(() => undefined);
    throw error;
  } finally {
    lock.close();
  }
  await disconnectClients(server); // who came meanwhile would stay on a server that takes no writes
  return true;
}

/** In this order: at no time may it take writes without waiting for replicas. */
async function giveBack(topology: Topology, server: Server, lock: number): Promise<void> {
  if (replicasOf(topology) > 0) await server.run("SET GLOBAL rpl_semi_sync_source_enabled = ON");
  await server.query("KILL CONNECTION ?", [lock]);
}

async function idOf(server: Server): Promise<number> {
  const [{ id }] = await server.query("SELECT CONNECTION_ID() AS id");
  return id as number;
}

/** Whether a connection's statement waits for those of others to end. */
async function waitsForOthers(server: Server, id: number): Promise<boolean> {
  const [thread] = await server.query("SELECT STATE AS state FROM performance_schema.processlist WHERE ID = ?", [id]);
  return (thread?.state as string | null | undefined)?.startsWith("Waiting for") === true;
}

/** Ends the connections of all clients; replication, event scheduler and this connection stay. */
export async function disconnectClients(server: Server): Promise<void> {
  const clients = await server.query(
    "SELECT ID AS id FROM performance_schema.processlist WHERE ID <> CONNECTION_ID() AND USER NOT IN ('system user', 'event_scheduler', 'platform_control') AND COMMAND NOT LIKE 'Binlog Dump%'",
  );
  for (const { id } of clients) await server.query("KILL CONNECTION ?", [id as number]).catch(ignoreGone);
}

/** The same for as long as somebody may still be led to a server that is the primary no more. */
export async function sendStrayClientsAway(old: Server): Promise<void> {
  for (const until = performance.now() + STRAY_CLIENTS_MS; performance.now() < until; await pause(250)) await disconnectClients(old);
}

function ignoreGone(error: unknown): void {
  if ((error as { errno?: number }).errno !== 1094) throw error; // ER_NO_SUCH_THREAD: it has left by itself
}
