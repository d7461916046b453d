import type { Seen } from "./candidate";
import { Refusal } from "../../contract/refusal";
import { demote, follow, promote, sendStrayClientsAway } from "./roles";
import { hasApplied, isConnectedTo, type Server } from "./server";
import { acknowledgementsOf, declare, serverNamed, type Topology } from "./topology";

/** If a replica is further behind than this, writers would wait for it. */
const MOST_SECONDS_BEHIND = 5;
/** Longest write pause: if the new primary has not caught up by then, the old one becomes writable again. */
const CATCH_UP_SECONDS = 5;

/** A finished switchover: from which server to which, and for how long writes were interrupted. */
export interface Switched {
  readonly from: string;
  readonly to: string;
  /** From the last write that the old primary could accept to the first that the new one could, in milliseconds. */
  readonly pauseMs: number;
}

/**
 * Switches over to a replica while all servers are healthy.
 *
 * @param target name of the new primary; without it, the replica that is least behind.
 * @throws Refusal if the primary does not answer, no replica is suitable, or the new one does not catch up; the old one
 *   then becomes writable again.
 */
export async function switchover(topology: Topology, target?: string): Promise<Switched> {
  const declared = await topology.declaration.read();
  const old = serverNamed(topology, declared.primary);
  const oldState = await old.stateIfUp();
  if (oldState === undefined)
    throw new Refusal(
      "MYSQL_PRIMARY_UNREACHABLE",
      `the primary ${old.name} does not answer. If it is dead, use failover.`,
    );
  if (!oldState.writable)
    throw new Refusal(
      "MYSQL_PRIMARY_READ_ONLY",
      `the primary ${old.name} is read-only, so there is nothing to switch over; \`status\` shows why.`,
    );
  const followers = await followersOf(topology, old);
  const next = choose(topology, old, followers, target).server;

  topology.log(`${old.name} becomes read-only, ${next.name} becomes the primary`);
  const started = performance.now();
  try {
    await demote(topology, old, oldState, "await");
    const { executed } = await old.state();
    if (!(await hasApplied(next, executed, CATCH_UP_SECONDS)))
      throw new Refusal(
        "MYSQL_REPLICA_BEHIND",
        `${next.name} has not caught up within ${CATCH_UP_SECONDS} s. Try again when \`status\` shows no lag.`,
      );
    await declare(topology, next.name, declared);
  } catch (error) {
    await giveWritesBack(topology, old);
    throw error;
  }
  // The controller makes the rest replicate, if they have no errant transactions.
  const others = [old, ...followers.map(({ server }) => server)].filter((server) => server !== next);
  const following = Promise.allSettled(others.map((server) => follow(topology, server, next)));
  await promote(topology, next);
  const pauseMs = performance.now() - started;
  await following; // if one fails, the controller tries again
  await sendStrayClientsAway(old).catch((error: unknown) => topology.log(`${old.name}: ${String(error)}`)); // the switchover is done in any case
  return { from: old.name, to: next.name, pauseMs };
}

/** Not if another server may be the primary by now: both would be writable. */
async function giveWritesBack(topology: Topology, old: Server): Promise<void> {
  const now = await topology.declaration.read().catch(() => undefined);
  if (now?.primary !== old.name) {
    topology.log(
      `${old.name} stays read-only: ${now === undefined ? "the declared primary cannot be read" : `${now.primary} is declared the primary`}; the controller restores the declared state, after \`resume\` if it is paused`,
    );
    return;
  }
  await old.run("SET GLOBAL read_only = OFF");
  topology.log(`${old.name} is writable again`);
}

async function followersOf(topology: Topology, primary: Server): Promise<Seen<Server>[]> {
  const others = topology.servers.filter((server) => server !== primary);
  const states = await Promise.all(others.map((server) => server.stateIfUp()));
  return others.flatMap((server, index) => {
    const state = states[index];
    return state?.replica?.applying === true && isConnectedTo(primary, state) ? [{ server, state }] : [];
  });
}

function choose(
  topology: Topology,
  old: Server,
  followers: readonly Seen<Server>[],
  target: string | undefined,
): Seen<Server> {
  const names = topology.servers.filter((server) => server !== old).map(({ name }) => name);
  if (target === old.name) throw new Refusal("MYSQL_SWITCHOVER_TO_PRIMARY", `${old.name} is the primary already.`);
  if (target !== undefined && !names.includes(target))
    throw new Refusal(
      "USAGE_VALUE_INVALID",
      `there is no replica ${target}; there ${names.length === 0 ? "is none" : `are ${names.join(", ")}`}.`,
    );
  const lag = ({ state }: Seen<Server>): number => state.replica?.secondsBehind ?? Infinity;
  const fit = followers.filter((seen) => lag(seen) <= MOST_SECONDS_BEHIND).sort((a, b) => lag(a) - lag(b));
  const next = target === undefined ? fit.at(0) : fit.find(({ server }) => server.name === target);
  if (next === undefined) {
    throw new Refusal(
      "MYSQL_REPLICA_BEHIND",
      `${target ?? "no replica"} ${target === undefined ? "replicates" : "does not replicate"} from ${old.name} with at most ${MOST_SECONDS_BEHIND} s of lag; \`status\` shows what it lacks.`,
    );
  }
  // The old primary becomes a replica too, so as many servers can acknowledge as there are replicas now.
  if (followers.length < acknowledgementsOf(topology)) {
    throw new Refusal(
      "MYSQL_TOO_FEW_REPLICAS",
      `${acknowledgementsOf(topology)} server(s) have to acknowledge each write, and only ${followers.length} replicate(s) from ${old.name}: writes would wait on ${next.server.name}.`,
    );
  }
  return next;
}
