import { escape } from "mysql2";
import type { Credentials } from "../../contract/credentials";
import { Refusal } from "../../contract/refusal";
import { pause } from "../../clients/pause";
import type { ReplicaState, ServerState, Server } from "./server";
import { noteAtMostWanted, waitForReplicas } from "./acknowledged";
import { acknowledgementsOf, replicasOf, type Topology } from "./topology";

/** How long clients may still reach the old primary, until every node knows the new one. */
const STRAY_CLIENTS_MS = 4000;
/** Longest wait for running commits before a server becomes read-only. */
const LOCK_MS = 5000;
const LOOK_MS = 5;
/** No limit on this side. */
const FOR_EVER = 0;
/** Errors of a start: the server's replication settings came with a clone, without the logs that belong to them. */
const NOTHING_TO_START = [1201, 1872];
/** ER_CON_COUNT_ERROR */
const TOO_MANY_CONNECTIONS = 1040;
/** With these a source refuses an account: ER_CON_COUNT_ERROR (which the controller's account avoids), ER_ACCESS_DENIED_ERROR, ER_ACCOUNT_HAS_BEEN_LOCKED, and a missing privilege. */
const REFUSED = [TOO_MANY_CONNECTIONS, 1045, 3118, 13120];

/**
 * Makes a server writable. Repeating it changes nothing. The server must be the declared primary and must have applied
 * all that it received.
 */
export async function promote(topology: Topology, server: Server): Promise<void> {
  await server.run("STOP REPLICA", "RESET REPLICA ALL");
  // Before the first write: from now on no transaction is acknowledged to a client while only this server has it.
  await noteAtMostWanted(topology);
  await waitForReplicas(server, acknowledgementsOf(topology));
  await server.run("SET GLOBAL read_only = OFF"); // and with it super_read_only
}

/**
 * Makes a server replicate from the primary, starting after what it has applied. It must have no transaction that the
 * primary lacks. What it has received and not applied is deleted.
 */
export async function follow(topology: Topology, server: Server, primary: Server): Promise<void> {
  const { replication, control } = topology;
  const account = followersAccount(topology, primary); // asked at the same time: a new primary's first commit waits for a replica
  await server.run(
    "SET GLOBAL super_read_only = ON",
    "STOP REPLICA",
    "RESET REPLICA ALL",
    "SET GLOBAL rpl_semi_sync_source_enabled = OFF",
  );
  await server.run(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = ${escape(primary.host)}, SOURCE_PORT = 3306, SOURCE_USER = ${escape(replication.user)}, SOURCE_PASSWORD = ${escape(replication.password)}, ` +
      "SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, SOURCE_SSL_CA = '/tls/ca.crt', SOURCE_SSL_VERIFY_SERVER_CERT = 1, " +
      "SOURCE_HEARTBEAT_PERIOD = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0",
    `START REPLICA${as((await account) ?? control)}`,
  );
}

/**
 * The account with which others replicate from a server: the replication account if the server has it with all its
 * privileges, otherwise the controller's: the servers' passwords may differ while they take over new ones.
 *
 * @returns undefined if the server accepts neither account, or does not answer.
 */
async function followersAccount({ replication, control }: Topology, source: Server): Promise<Credentials | undefined> {
  for (const account of [replication, control]) if (await source.sends(account)) return account;
  return undefined;
}

/** With an account that the server does not store: what it stores can be read by every account that may read everything. */
function as({ user, password }: Credentials): string {
  return ` USER = ${escape(user)} PASSWORD = ${escape(password)}`;
}

/**
 * Makes a replica use the replication account as soon as its source has it, and otherwise an account that its source
 * accepts. What it has received stays.
 *
 * @param replica its state: it receives and applies.
 * @param mayDisconnect whether it may be disconnected from its source for a moment. A commit that creates an account blocks
 *   every login to the source until a replica has acknowledged it: if no replica is connected then, none can connect any more.
 * @returns whether it was disconnected.
 */
export async function followAsItself(
  topology: Topology,
  server: Server,
  replica: ReplicaState,
  primary: Server,
  mayDisconnect: boolean,
): Promise<boolean> {
  const isRefused = REFUSED.includes(replica.receiveError?.code ?? 0);
  if (replica.user === topology.replication.user && !isRefused) return false;
  if (!isRefused && !mayDisconnect) return false;
  const account = await followersAccount(topology, primary);
  if (account === undefined || (account.user === replica.user && !isRefused)) return false;
  topology.log(`${server.name} replicates from ${primary.name} as ${account.user}`);
  await server.run("STOP REPLICA IO_THREAD", `START REPLICA IO_THREAD${as(account)}`);
  return true;
}

/**
 * Lets a server whose replication has stopped continue from its position. What it has acknowledged and not yet applied stays
 * in its relay logs. Starting replication again with {@link follow} would delete that, and until the primary has sent it
 * again, no other server may have it.
 *
 * @returns false if there is no replication to continue.
 */
export async function followOn(topology: Topology, server: Server, primary: Server): Promise<boolean> {
  const account = await followersAccount(topology, primary);
  try {
    await server.run(`START REPLICA${account === undefined ? "" : as(account)}`); // otherwise with the account that it has stored
    return true;
  } catch (error) {
    if (NOTHING_TO_START.includes((error as { errno?: number }).errno ?? 0)) return false;
    throw error;
  }
}

/**
 * Ends commits that wait although a replica has applied them: its acknowledgement was lost, and it acknowledges only what it
 * receives. A later transaction, which changes nothing, also acknowledges those before it.
 */
export async function endWaits(primary: Server): Promise<void> {
  const other = primary.another(); // it waits too
  await other.run("FLUSH USER_RESOURCES").finally(() => other.close());
}

/**
 * Makes a server read-only if it is writable, or if its commits may still wait for replicas. No transaction is acknowledged
 * to a client while no other server has it: as soon as the server is about to become read-only, no client can begin to
 * write, and clients that wrote until then are disconnected before the running commits end.
 *
 * @param commits what ends the running commits: `await` their acknowledgements, if replicas are connected, or `release`
 *   them, if no acknowledgement may come any more. A released transaction is only in this server's data; a reader may see it.
 * @returns whether there was anything to do.
 * @throws if the commits do not end within seconds; the server is then writable, as before.
 */
export async function demote(
  topology: Topology,
  server: Server,
  state: ServerState,
  commits: "await" | "release",
): Promise<boolean> {
  if (!state.writable && state.waitsFor === 0) return false;
  const lock = server.another();
  const id = await idOf(lock).catch(async (error: unknown) => {
    if ((error as { errno?: number }).errno !== TOO_MANY_CONNECTIONS) throw error;
    await server.run("SET GLOBAL max_connections = @@GLOBAL.max_connections + 5"); // until its next start
    return idOf(lock);
  });
  let isOver = false;
  // super_read_only by itself takes this lock twice, and an account with all privileges could write in between. Only the code
  // below may end the lock while nothing else prevents writes. If this process dies, the server ends it after the timeout.
  const steps = [
    "SET SESSION wait_timeout = 30",
    "FLUSH TABLES WITH READ LOCK",
    "SET GLOBAL super_read_only = ON",
    "UNLOCK TABLES",
  ];
  const readOnly = (async () => {
    for (const step of steps) await lock.query(step, [], FOR_EVER);
  })().finally(() => (isOver = true));
  readOnly.catch(() => undefined); // handled below, or no longer relevant
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (
      const deadline = Date.now() + LOCK_MS;
      !isOver && !(await isSo());
      await Promise.race([readOnly, pause(LOOK_MS)])
    ) {
      if (Date.now() > deadline)
        throw new Refusal(
          "MYSQL_DEMOTION_TIMEOUT",
          `${server.name} has not become read-only within ${LOCK_MS / 1000} s: some statement or commit does not end`,
        );
    }
    if (isOver) await readOnly;
  };
  try {
    await until(() => waitsForOthers(server, id));
    await disconnectClients(server);
    // KILL disconnects a client at once, but leaves its commit waiting. That would block everything else on the server.
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
  await disconnectClients(server); // clients that connected meanwhile would stay on a read-only server
  return true;
}

/** In this order: at no time may it be writable without waiting for replicas. */
async function giveBack(topology: Topology, server: Server, lock: number): Promise<void> {
  if (replicasOf(topology) > 0) await server.run("SET GLOBAL rpl_semi_sync_source_enabled = ON");
  await server.query("KILL CONNECTION ?", [lock]);
}

async function idOf(server: Server): Promise<number> {
  const [{ id }] = await server.query("SELECT CONNECTION_ID() AS id");
  return id as number;
}

/** Whether a connection's statement waits until the statements of others end. */
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

/** The same, for as long as clients may still be sent to a server that is no longer the primary. */
export async function sendStrayClientsAway(old: Server): Promise<void> {
  for (const until = performance.now() + STRAY_CLIENTS_MS; performance.now() < until; await pause(250))
    await disconnectClients(old);
}

function ignoreGone(error: unknown): void {
  if ((error as { errno?: number }).errno !== 1094) throw error; // ER_NO_SUCH_THREAD: it has disconnected by itself
}
