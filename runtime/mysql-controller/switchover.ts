import type { Seen } from "./candidate";
import { Refusal } from "../../contract/refusal";
import { demote, follow, promote, sendStrayClientsAway } from "./roles";
import { hasApplied, type Server } from "./server";
import { acknowledgementsOf, declare, serverNamed, type Topology } from "./topology";

/** A replica further behind than this would make writers wait for it. */
const MOST_SECONDS_BEHIND = 5;
/** Longest write pause: where the new primary has not caught up by then, the old one takes writes again. */
const CATCH_UP_SECONDS = 5;

/** A switchover that was done: from where to where, and for how long nobody could write. */
export interface Switched {
  readonly from: string;
  readonly to: string;
  /** From the last write that the old primary could take to the first that the new one could, in milliseconds. */
  readonly pauseMs: number;
}

/**
 * Moves the writes to a replica while all are well.
 *
 * @param target name of the new primary; without it, the replica that is least behind.
 * @throws Refusal where the primary does not answer, no replica is fit, or the new one does not catch up; the old one
 *   takes writes again then.
 */
export async function switchover(topology: Topology, target?: string): Promise<Switched> {
  const declared = await topology.declaration.read();
  const old = serverNamed(topology, declared.primary);
  const oldState = await old.stateIfUp();
  if (oldState === undefined) throw new Refusal(`the primary ${old.name} does not answer. If it is dead, use failover.`);
  if (!oldState.writable) throw new Refusal(`the primary ${old.name} takes no writes; \`status\` says why. Nothing is there to be moved.`);
  const followers = await followersOf(topology, old);
  const next = choose(topology, old, followers, target).server;

  topology.log(`${old.name} stops to take writes, ${next.name} goes on`);
  const started = performance.now();
  try {
    await demote(topology, old, oldState, "await");
    const { executed } = await old.state();
    if (!(await hasApplied(next, executed, CATCH_UP_SECONDS))) throw new Refusal(`${next.name} has not caught up within ${CATCH_UP_SECONDS} s. Try again when \`status\` shows no lag.`);
    await declare(topology, next.name, declared);
  } catch (error) {
    await giveWritesBack(topology, old);
    throw error;
  }
  const others = topology.servers.filter((server) => server !== next);
  const following = Promise.allSettled(others.map((server) => follow(topology, server, next)));
  await promote(topology, next);
  const pauseMs = performance.now() - started;
  await following; // one that fails is followed up by the controller
  await sendStrayClientsAway(old).catch((error: unknown) => topology.log(`${old.name}: ${String(error)}`)); // the writes have moved all the same
  return { from: old.name, to: next.name, pauseMs };
}

/** Not where another may be the primary by now: both would take writes. */
async function giveWritesBack(topology: Topology, old: Server): Promise<void> {
  const now = await topology.declaration.read().catch(() => undefined);
  if (now?.primary !== old.name) {
    topology.log(`${old.name} is left without writes: ${now === undefined ? "who is declared the primary cannot be read" : `${now.primary} is declared the primary`}; the controller puts right what is declared, after \`resume\` where it is paused`);
    return;
  }
  await old.run("SET GLOBAL read_only = OFF");
  topology.log(`${old.name} takes writes again`);
}

async function followersOf(topology: Topology, primary: Server): Promise<Seen<Server>[]> {
  const others = topology.servers.filter((server) => server !== primary);
  const states = await Promise.all(others.map((server) => server.stateIfUp()));
  return others.flatMap((server, index) => {
    const state = states[index];
    return state?.replica !== undefined && state.replica.connected && state.replica.applying && state.replica.source === primary.host ? [{ server, state }] : [];
  });
}

function choose(topology: Topology, old: Server, followers: readonly Seen<Server>[], target: string | undefined): Seen<Server> {
  const names = topology.servers.filter((server) => server !== old).map(({ name }) => name);
  if (target === old.name) throw new Refusal(`${old.name} is the primary already.`);
  if (target !== undefined && !names.includes(target)) throw new Refusal(`there is no replica ${target}; there ${names.length === 0 ? "is none" : `are ${names.join(", ")}`}.`);
  const lag = ({ state }: Seen<Server>): number => state.replica?.secondsBehind ?? Infinity;
  const fit = followers.filter((seen) => lag(seen) <= MOST_SECONDS_BEHIND).sort((a, b) => lag(a) - lag(b));
  const next = target === undefined ? fit.at(0) : fit.find(({ server }) => server.name === target);
  if (next === undefined) {
    throw new Refusal(`${target ?? "no replica"} ${target === undefined ? "follows" : "does not follow"} ${old.name} with at most ${MOST_SECONDS_BEHIND} s of lag; \`status\` shows what it lacks.`);
  }
  // The old primary follows too, so the servers that can acknowledge stay as many as the followers are now.
  if (followers.length < acknowledgementsOf(topology)) {
    throw new Refusal(`${acknowledgementsOf(topology)} server(s) have to acknowledge each write, and only ${followers.length} follow(s) ${old.name}: writes would wait on ${next.server.name}.`);
  }
  return next;
}
