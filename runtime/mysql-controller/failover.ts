import { acknowledgedOf, errantOf } from "./acknowledged";
import { mostAdvanced, type Seen } from "./candidate";
import type { GtidSet } from "../gtid-set";
import { haveAll } from "../../contract/quorum";
import { Refusal } from "../../contract/refusal";
import { demote, follow, promote } from "./roles";
import { hasApplied, received, type Server } from "./server";
import { declare, serverNamed, type Topology } from "./topology";

/** Longest wait until the new primary has applied what it received. */
const APPLY_SECONDS = 120;
/** How often a server that applies transactions is checked for an error. */
const LOOK_SECONDS = 2;

export interface FailoverOptions {
  readonly cutOff?: "fence" | "refuse";
  readonly winner?: string;
  /** The reason, for the record. */
  readonly why: string;
}

/**
 * Promotes a replica after the primary has failed. No acknowledged transaction is lost. First the other servers stop
 * receiving: if the old primary still runs somewhere, it gets no further acknowledgement. Then the server that has received
 * every transaction is declared the primary, and becomes writable.
 *
 * @param options.cutOff what to do if the primary answers here and no other server is connected to it: `fence` it and
 *   continue, or `refuse`, because the primary may be in trouble for a short time only.
 * @param options.winner name of the server to promote, even if it lacks transactions that others have. Without it, the
 *   server that has every transaction, except errant ones.
 * @returns the name of the new primary.
 * @throws Refusal if the primary is up, too few other servers answer, or no server has every transaction or any data. The
 *   servers then receive again.
 */
export async function failover(
  topology: Topology,
  { cutOff = "fence", winner, why }: FailoverOptions,
): Promise<string> {
  const declared = await topology.declaration.read();
  const old = serverNamed(topology, declared.primary);
  if (winner === old.name)
    throw new Refusal(
      "MYSQL_FAILOVER_TO_PRIMARY",
      `${old.name} is the primary itself; it continues without help when it is back.`,
    );
  const others = topology.servers.filter((server) => server !== old);
  const [oldState, ...answers] = await Promise.all([old.stateIfUp(), ...others.map((server) => server.stateIfUp())]);
  const up = others.filter((_, index) => answers[index] !== undefined);
  requireQuorum(topology, old, others, up, winner);
  // A primary that has come back empty, or with old data, counts as dead, even if servers are connected to it.
  const hasLostData =
    oldState?.writable === false &&
    answers.some(
      (state) => state !== undefined && !oldState.executed.contains(received(state).minus(errantOf(topology))),
    );
  if (oldState !== undefined && !hasLostData) {
    const followers = others.filter((_, index) => answers[index]?.replica?.connected === true).map(({ name }) => name);
    if (followers.length > 0)
      throw new Refusal(
        "MYSQL_PRIMARY_ALIVE",
        `${old.name} is not dead: it answers, and ${followers.join(" and ")} receive(s) from it. To make another server the primary while it is up, use switchover.`,
      );
    if (cutOff === "refuse")
      throw new Refusal(
        "MYSQL_PRIMARY_CUT_OFF",
        `${old.name} answers again, though no other server is connected to it.`,
      );
    topology.log(`${old.name} answers here, but no other server is connected to it: fencing it first`);
    await demote(topology, old, oldState, "release").catch((error: unknown) =>
      topology.log(`${old.name}: ${String(error)}; continuing, since it can get no acknowledgement`),
    );
  }

  const stopped = await stopReceiving(up);
  let isDeclared = false;
  try {
    requireQuorum(
      topology,
      old,
      others,
      stopped.map(({ server }) => server),
      winner,
    );
    const { server, state } =
      winner === undefined ? theBest(topology, old, stopped) : theNamed(topology, stopped, winner);
    await waitUntilApplied(server, received(state));
    await declare(topology, server.name, declared);
    isDeclared = true;
    topology.log(`${server.name} is declared the primary`);
    // The first commit waits for an acknowledgement, so the other servers start to replicate from it at the same time. Servers
    // that have transactions that it lacks do not: those transactions are kept when the server is cloned.
    const followers = stopped
      .filter((seen) => seen.server !== server && received(state).contains(received(seen.state)))
      .map((seen) => follow(topology, seen.server, server));
    await promote(topology, server);
    await Promise.allSettled(followers); // if one fails, the controller tries again, and so does rejoin
    await record(topology, `${new Date().toISOString()} ${old.name} to ${server.name}: ${why}`);
    return server.name;
  } catch (error) {
    const now = isDeclared ? undefined : await topology.declaration.read().catch(() => undefined);
    if (now?.primary === old.name) await Promise.allSettled(up.map((server) => server.run("START REPLICA IO_THREAD")));
    throw error;
  }
}

/** For operators, and for the controller: it lets the servers settle before it fails over again. */
async function record({ notebook, log }: Topology, text: string): Promise<void> {
  await notebook
    .note({ "last-failover": text, settling: text })
    .catch((error: unknown) => log(`the failover is done, but not recorded: ${String(error)}`));
}

function theBest(topology: Topology, old: Server, stopped: readonly Seen<Server>[]): Seen<Server> {
  const choice = mostAdvanced(stopped, errantOf(topology));
  if ("conflict" in choice) {
    throw new Refusal(
      "MYSQL_TRANSACTIONS_DIVERGE",
      `no server has every transaction: ${choice.conflict}. Decide which server becomes the primary: \`failover --server SERVER\` promotes it. What the others have and it lacks stays in logs on their volumes when they are cloned again.`,
    );
  }
  const { server, state } = choice.winner;
  if (received(state).isEmpty) {
    throw new Refusal(
      "MYSQL_NO_DATA",
      `no server except ${old.name} has data: an empty server would replace the data that ${old.name} may have. If ${old.name} has none either, \`failover --server SERVER\` makes an empty server the primary.`,
    );
  }
  topology.log(`${server.name} has received everything that was acknowledged: ${received(state).toString()}`);
  return choice.winner;
}

function theNamed(topology: Topology, stopped: readonly Seen<Server>[], name: string): Seen<Server> {
  const winner = stopped.find(({ server }) => server.name === name);
  if (winner === undefined)
    throw new Refusal(
      "MYSQL_CHOSEN_UNREACHABLE",
      `${name} does not answer; ${stopped.map(({ server }) => server.name).join(" and ")} do(es).`,
    );
  if (winner.state.cloning)
    throw new Refusal("MYSQL_CHOSEN_CLONING", `${name} is being cloned: its data are about to be replaced.`);
  const lacks = stopped
    .map((seen) => ({ ...seen, more: received(seen.state).minus(received(winner.state)) }))
    .filter(({ more }) => !more.isEmpty);
  topology.log(
    `${name} is chosen by the operator${lacks.map(({ server, more }) => `, without ${more.size} transaction(s) that ${server.name} has (${more.toString()})`).join("")}`,
  );
  return winner;
}

function requireQuorum(
  topology: Topology,
  old: Server,
  others: readonly Server[],
  up: readonly Server[],
  winner: string | undefined,
): void {
  if (others.length === 0)
    throw new Refusal("MYSQL_NO_REPLICA", `${old.name} has no replica to promote; it comes back with its volume.`);
  const acknowledged = acknowledgedOf(topology);
  if (haveAll(acknowledged, up.length)) return;
  if (acknowledged.by === 0) {
    if (winner !== undefined) return; // no number of servers would be enough
    throw new Refusal(
      "MYSQL_NO_QUORUM",
      `no replica had to acknowledge what ${old.name} committed, since servers were just added or removed: only ${old.name} certainly has everything. Bring it back, or choose a server: \`failover --server SERVER\` promotes it, without what it lacks.`,
    );
  }
  const silent = others.filter((server) => !up.includes(server)).map(({ name }) => name);
  const removed = acknowledged.of - others.length;
  if (removed > 0) silent.push(`${removed} removed server(s)`);
  throw new Refusal(
    "MYSQL_NO_QUORUM",
    `${acknowledged.of + 1 - acknowledged.by} server(s) besides ${old.name} must answer, so that one of them certainly has every acknowledged transaction, and only ${up.length} do(es); no answer from ${silent.join(", ")}. ` +
      `Bring back ${silent.join(" or ")}, or ${old.name} itself.`,
  );
}

/** The servers that have stopped receiving, and their state after that. */
async function stopReceiving(servers: readonly Server[]): Promise<Seen<Server>[]> {
  const seen = await Promise.all(
    servers.map(async (server) => {
      try {
        await server.run("STOP REPLICA IO_THREAD");
        return { server, state: await server.state() };
      } catch {
        return undefined;
      }
    }),
  );
  return seen.filter((entry) => entry !== undefined);
}

async function waitUntilApplied(server: Server, transactions: GtidSet): Promise<void> {
  await server.run("START REPLICA SQL_THREAD").catch(() => undefined); // a server that replicates from no source has nothing to apply
  for (let waited = 0; waited < APPLY_SECONDS; waited += LOOK_SECONDS) {
    if (await hasApplied(server, transactions, LOOK_SECONDS)) return;
    const error = (await server.state()).replica?.applyError;
    if (error !== undefined) {
      throw new Refusal(
        "MYSQL_APPLY_FAILED",
        `${server.name} has received everything, and cannot apply it: error ${error.code}, ${error.message}. Fix what the error names and try again, or choose another server: ` +
          "`failover --server SERVER` promotes it, and reports what it lacks.",
      );
    }
  }
  throw new Refusal(
    "MYSQL_APPLY_TIMEOUT",
    `${server.name} has received everything, and has not applied it within ${APPLY_SECONDS} s; \`status\` shows how far it is. Try again.`,
  );
}
