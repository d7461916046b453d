import { GtidSet } from "../gtid-set";
import { errantOf, noteErrant, settleAcknowledged } from "./acknowledged";
import { cloneFrom } from "./clone";
import { obstacleOf } from "./obstacle";
import { acknowledgementsOf, replicasOf, serverNamed, type Topology } from "./topology";
import { demote, endWaits, follow, followAsItself, followOn, promote, sendStrayClientsAway } from "./roles";
import { connectedTo, isConnectedTo, received, WrongServerError, type Server, type ServerState } from "./server";

/** Errors of a receiver that waiting does not fix: the source has purged, or never had, what the replica asks for. */
const SOURCE_CANNOT_SERVE = [1236, 13114];
/** Errors of an applier that cannot read what was received: the replica receives it again. */
const RELAY_LOG_BROKEN = [1594, 13121];
const FIRST_RETRY_MS = 15_000;
const LONGEST_RETRY_MS = 3_600_000;
/** After so many passes in which the server knows nothing of its clone, the clone has ended, and the answer is lost. */
const PASSES_WITHOUT_CLONE = 20;

interface Clone {
  running: boolean;
  /** Passes without a sign of it. */
  missed: number;
  readonly attempts: number;
  readonly notBefore: number;
}

/** The result of one pass. */
export interface Findings {
  readonly primary: string;
  /** Whether the primary answers here, with its data. */
  readonly isOfUse: boolean;
  /** How many servers answered. */
  readonly seen: number;
  /** Why the primary counts as lost, or undefined if it is writable or may become so. */
  readonly primaryLost: string | undefined;
  /** What an operator should know; empty if all servers are healthy. */
  readonly problems: readonly string[];
}

/**
 * Brings the servers to the declared state: the declared primary is writable, all others replicate from it. New and lost
 * servers are cloned. It never chooses another primary.
 */
export class Reconciler {
  private readonly clones = new Map<string, Clone>();
  /** Since when a primary that has started waits for other servers. */
  private waitsSince: number | undefined;
  /** Servers that are being cloned, as this pass has found. */
  private cloned: ReadonlySet<Server> = new Set();
  /** Errant transactions that this pass has found. */
  private errant = GtidSet.empty;

  /** How many of the connected replicas could be disconnected without commits having to wait; counted again in each pass. */
  private spare = 0;

  /** @param replaceDivergent whether a server with errant transactions is cloned again without an operator's request. */
  constructor(
    private readonly topology: Topology,
    private readonly replaceDivergent: boolean,
  ) {}

  /** Whether a clone is running that this process has started. */
  get busy(): boolean {
    return [...this.clones.values()].some(({ running }) => running);
  }

  /** @param approved name of a server that an operator wants cloned again, whatever data it has. */
  async pass(approved = ""): Promise<Findings> {
    const { servers, declaration } = this.topology;
    const { primary: name } = await declaration.read();
    const primary = serverNamed(this.topology, name);
    const problems: string[] = [];
    const answers = await Promise.all(
      servers.map(async (server) => [server, await server.state().catch((error: unknown) => error)] as const),
    );
    const states = new Map<Server, ServerState>(); // in the servers' order, so that the messages stay the same
    for (const [server, answer] of answers) {
      const isUp = !(answer instanceof Error);
      if (isUp) states.set(server, answer as ServerState);
      else
        problems.push(
          `${server.name} does not answer${answer instanceof WrongServerError ? `: ${answer.message}` : ""}`,
        );
    }
    const seen = states.size;

    const own = states.get(primary);
    if (own === undefined) {
      const witness = servers.find((server) => {
        const replica = states.get(server)?.replica;
        if (replica?.connected !== true || replica.source !== primary.host) return false;
        return ![...states.values()].some(({ uuid }) => uuid === replica.sourceUuid); // its name led to another server
      });
      if (witness !== undefined)
        return {
          primary: name,
          seen,
          isOfUse: false,
          primaryLost: undefined,
          problems: [
            ...problems,
            `${witness.name} is connected to ${name}, which is unreachable from the controller only`,
          ],
        };
      // A new set whose primary starts last, or a set in which only the primary has data.
      const isEmpty = states.size > 0 && [...states.values()].every((state) => received(state).isEmpty);
      if (isEmpty)
        return {
          primary: name,
          seen,
          isOfUse: false,
          primaryLost: undefined,
          problems: [...problems, `no other server has data: waiting for ${name}`],
        };
      return { primary: name, seen, isOfUse: false, primaryLost: `${name} does not answer`, problems };
    }
    this.cloned = new Set(
      [...states].filter(([server, state]) => this.isBeingCloned(server, state)).map(([server]) => server),
    );
    const waitedMs = performance.now() - (this.waitsSince ?? performance.now());
    const obstacle = own.writable
      ? undefined
      : obstacleOf(this.topology, primary, own, states, waitedMs, this.cloned.size > 0);
    if (obstacle === undefined) this.waitsSince = undefined;
    else this.waitsSince ??= performance.now();
    if (obstacle !== undefined)
      return {
        primary: name,
        seen,
        isOfUse: !obstacle.lost,
        primaryLost: obstacle.lost ? obstacle.why : undefined,
        problems: [...problems, obstacle.why],
      };
    if (!own.executed.contains(received(own))) {
      await primary.run("START REPLICA SQL_THREAD"); // it was declared, but not promoted yet
      return {
        primary: name,
        seen,
        isOfUse: true,
        primaryLost: undefined,
        problems: [...problems, `${name} applies what it has received, then it becomes writable`],
      };
    }
    if (!own.writable) {
      this.topology.log(`${name} is the declared primary: it becomes writable now`);
      await promote(this.topology, primary);
    } else await settleAcknowledged(this.topology, primary, own, states);
    this.errant = GtidSet.empty;
    this.spare = connectedTo(primary, states) - acknowledgementsOf(this.topology);
    for (const [server, state] of states) {
      if (server === primary) continue;
      const problem = await this.join(server, state, [primary, own], states, approved === server.name).catch(
        (error: unknown) => `${server.name}: ${String(error)}`,
      );
      if (problem !== undefined) problems.push(problem);
    }
    // Those of servers that are down now stay known, until the primary has them.
    const known = seen < servers.length ? errantOf(this.topology).minus(own.logged) : GtidSet.empty;
    await noteErrant(this.topology, known.union(this.errant));
    return { primary: name, seen, isOfUse: true, primaryLost: undefined, problems };
  }

  /** Makes a server replicate from the primary, by a clone if necessary. @returns what is wrong with it. */
  private async join(
    server: Server,
    seen: ServerState,
    [primary, own]: readonly [Server, ServerState],
    states: ReadonlyMap<Server, ServerState>,
    approved: boolean,
  ): Promise<string | undefined> {
    if (this.cloned.has(server)) {
      this.errant = this.errant.union(errantOf(this.topology).intersect(received(seen)));
      return `${server.name} is being cloned`;
    }
    // Its last commits may end only now. They count as its transactions.
    const state = (await demote(this.topology, server, seen, "release")) ? await server.state() : seen;
    if (approved)
      return this.clone(server, primary, states, "keep", `an operator wants ${server.name} cloned again`, true);
    const { replica } = state;
    const follows = replica?.source === primary.host;
    const replicates = follows && replica.receiving && replica.applying;
    // If its source is the primary, the primary has what it received, or sends it again. If its source is another server, no server does.
    const has = follows ? state.executed : received(state);
    // Read after the replica's state if it is not enough, so that it contains what the replica has from the primary.
    const { logged, executed } = replicates && own.logged.contains(has) ? own : await primary.state();
    const errant = has.minus(logged);
    const forgotten = errant.from(own.uuid);
    this.errant = this.errant.union(errant.minus(forgotten));
    const what = `${server.name} has ${errant.size} transaction(s) that ${primary.name} lacks (${errant.toString()})`;
    if (follows && replica.applyError !== undefined && !RELAY_LOG_BROKEN.includes(replica.applyError.code))
      return `${server.name} cannot apply a transaction: ${replica.applyError.message}`;
    if (replicates) {
      this.clones.delete(server.name);
      if (replica.connected && replica.sourceUuid !== own.uuid) {
        await server.run("STOP REPLICA IO_THREAD");
        await followOn(this.topology, server, primary);
        return `${server.name} was connected to another server than ${primary.name} (${replica.sourceUuid}); it connects again`;
      }
      // With a single replica there is no choice.
      const mayDisconnect = this.spare > 0 || replicasOf(this.topology) === acknowledgementsOf(this.topology);
      if (await followAsItself(this.topology, server, replica, primary, mayDisconnect)) this.spare--;
      if (!replica.connected)
        return `${server.name} is not connected to ${primary.name}${replica.receiveError === undefined ? "" : `: ${replica.receiveError.message}`}`;
      return errant.isEmpty
        ? undefined
        : `${what}: errant transactions, while it replicates; no failover promotes it if another server has the rest. \`rejoin --server ${server.name}\` clones it again`;
    }
    if (!forgotten.isEmpty)
      return `${what} and wrote itself: the data of ${primary.name} are old, and clients may know of these transactions. ${server.name} does not replicate; \`rejoin --server ${server.name}\` gives them up`;
    if (!errant.isEmpty) {
      const all = `${what}: errant transactions, which were never acknowledged to a client, or which an operator has given up`;
      if (!this.replaceDivergent)
        return `${all}; it does not replicate until \`rejoin --server ${server.name}\` clones it again`;
      return this.clone(server, primary, states, "keep", all);
    }
    if (state.executed.isEmpty && !logged.isEmpty)
      return this.clone(server, primary, states, "discard", `${server.name} is empty`);
    if (follows && SOURCE_CANNOT_SERVE.includes(replica.receiveError?.code ?? 0)) {
      return this.clone(
        server,
        primary,
        states,
        "discard",
        `${server.name} is too far behind: ${primary.name}'s binary logs no longer have what it needs`,
      );
    }
    // If the primary lacks something here, it had that before it lost its data, or it waits for an acknowledgement and sends it again.
    if (
      follows &&
      replica.applyError === undefined &&
      logged.contains(received(state)) &&
      (await followOn(this.topology, server, primary))
    ) {
      this.topology.log(`${server.name} replicates from ${primary.name} again`);
      if (!executed.contains(state.executed))
        void endWaits(primary).catch((error: unknown) => this.topology.log(`${primary.name}: ${String(error)}`));
      return replica.receiveError === undefined
        ? undefined
        : `${server.name} had stopped receiving from ${primary.name}: ${replica.receiveError.message}`;
    }
    this.topology.log(`${server.name} replicates from ${primary.name}`);
    await follow(this.topology, server, primary);
    // Clients that connected while it was the primary would stay on a read-only server.
    void sendStrayClientsAway(server).catch((error: unknown) =>
      this.topology.log(`${server.name}: clients that connected before may stay: ${String(error)}`),
    );
    return undefined;
  }

  /** The server itself knows best: another process may have started the clone, and the connection of this one may be dead. */
  private isBeingCloned(server: Server, { cloning }: ServerState): boolean {
    const clone = this.clones.get(server.name);
    if (clone?.running === true) {
      clone.missed = cloning ? 0 : clone.missed + 1;
      clone.running = clone.missed < PASSES_WITHOUT_CLONE;
    }
    return cloning || clone?.running === true;
  }

  private clone(
    server: Server,
    primary: Server,
    states: ReadonlyMap<Server, ServerState>,
    logs: "keep" | "discard",
    why: string,
    approved = false,
  ): string {
    const past = this.clones.get(server.name) ?? { attempts: 0, notBefore: 0 };
    if (!approved && Date.now() < past.notBefore)
      return `${why}; its clone failed or did not help, the next one starts at ${new Date(past.notBefore).toISOString()}`;
    const attempts = past.attempts + 1;
    if (states.get(server)?.replica?.connected === true) this.spare--;
    const record: Clone = {
      running: true,
      missed: 0,
      attempts,
      notBefore: Date.now() + Math.min(FIRST_RETRY_MS * 2 ** past.attempts, LONGEST_RETRY_MS),
    };
    this.clones.set(server.name, record);
    const donor =
      [...states].find(
        ([other, state]) => other !== server && other !== primary && isConnectedTo(primary, state),
      )?.[0] ?? primary;
    this.topology.log(`${why}: cloning it from ${donor.name}${logs === "keep" ? "; its old logs are kept" : ""}`);
    void this.freed(server, donor, primary, states)
      .then(() => cloneFrom(this.topology, server, donor, logs))
      .then(() => this.topology.log(`${server.name} is cloned and restarts on the new data`))
      .catch((error: unknown) => this.topology.log(`${server.name} was not cloned: ${String(error)}`))
      .finally(() => (record.running = false));
    return `${why}; it is being cloned`;
  }

  /**
   * Ends the commits of a primary that is cloned from, if they wait for the very server that is cloned: the clone would wait for
   * them. They stay in the primary's data, and none is acknowledged to a client. The primary stays read-only until the clone has ended.
   */
  private async freed(
    server: Server,
    donor: Server,
    primary: Server,
    states: ReadonlyMap<Server, ServerState>,
  ): Promise<void> {
    const own = states.get(primary);
    if (this.topology.semiSync !== "required" || donor !== primary || own === undefined) return;
    const others = new Map([...states].filter(([other]) => other !== server));
    if (connectedTo(primary, others) >= own.waitsFor) return;
    this.topology.log(
      `${primary.name} becomes read-only while it is cloned from: too few replicas are connected for any commit`,
    );
    await demote(this.topology, primary, own, "release");
    // It takes seconds, and an operator may have the lease by now.
    if ((await this.topology.declaration.read()).primary !== primary.name)
      throw new Error(`${primary.name} is no longer the declared primary`);
  }
}
