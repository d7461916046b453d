import { cloneFrom } from "./clone";
import { acknowledgementsOf, replicasOf, serverNamed, type Topology } from "./topology";
import { demote, follow, followAsItself, followOn, promote, sendStrayClientsAway } from "./roles";
import { received, type Server, type ServerState } from "./server";

/** Errors of a receiver that waiting does not fix: the source has purged, or never had, what the replica asks for. */
const SOURCE_CANNOT_SERVE = [1236, 13114];
/** Errors of an applier that cannot read what was received: the replica receives it again. */
const RELAY_LOG_BROKEN = [1594, 13121];
const FIRST_RETRY_MS = 15_000;
const LONGEST_RETRY_MS = 3_600_000;

/** The result of one pass. */
export interface Findings {
  readonly primary: string;
  /** Whether the primary answers here, with its data. */
  readonly isOfUse: boolean;
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
  private readonly clones = new Map<string, { running: boolean; attempts: number; notBefore: number }>();

  /** How many of the connected replicas could be disconnected without commits having to wait; counted again in each pass. */
  private spare = 0;

  /** @param replaceDivergent whether a server with errant transactions is cloned again without an operator's request. */
  constructor(
    private readonly topology: Topology,
    private readonly replaceDivergent: boolean,
  ) {}

  /** Whether a clone is running. It would be lost if this process ended. */
  get busy(): boolean {
    return [...this.clones.values()].some(({ running }) => running);
  }

  /** @param approved name of a server that an operator wants cloned again, whatever data it has. */
  async pass(approved = ""): Promise<Findings> {
    const { servers, declaration } = this.topology;
    const { primary: name } = await declaration.read();
    const primary = serverNamed(this.topology, name);
    const answers = await Promise.all(servers.map(async (server) => [server, await server.stateIfUp()] as const));
    const states = new Map(answers.filter((answer): answer is [Server, ServerState] => answer[1] !== undefined)); // in the servers' order, so that the messages stay the same
    const problems = servers.filter((server) => !states.has(server)).map((server) => `${server.name} does not answer`);

    const own = states.get(primary);
    if (own === undefined) {
      const witness = servers.find((server) => {
        const replica = states.get(server)?.replica;
        return replica?.connected === true && replica.source === primary.host;
      });
      if (witness !== undefined)
        return {
          primary: name,
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
          isOfUse: false,
          primaryLost: undefined,
          problems: [...problems, `no other server has data: waiting for ${name}`],
        };
      return { primary: name, isOfUse: false, primaryLost: `${name} does not answer`, problems };
    }
    const obstacle = own.writable ? undefined : this.obstacle(primary, own, states);
    if (obstacle !== undefined)
      return {
        primary: name,
        isOfUse: !obstacle.lost,
        primaryLost: obstacle.lost ? obstacle.why : undefined,
        problems: [...problems, obstacle.why],
      };
    if (!own.executed.contains(received(own))) {
      await primary.run("START REPLICA SQL_THREAD"); // it was declared, but not promoted yet
      return {
        primary: name,
        isOfUse: true,
        primaryLost: undefined,
        problems: [...problems, `${name} applies what it has received, then it becomes writable`],
      };
    }
    if (!own.writable || own.waitsForReplicas !== replicasOf(this.topology) > 0) {
      this.topology.log(`${name} is the declared primary: it becomes writable now`);
      await promote(this.topology, primary);
    }
    this.spare =
      [...states.values()].filter(({ replica }) => replica?.connected === true && replica.source === primary.host)
        .length - acknowledgementsOf(this.topology);
    for (const [server, state] of states) {
      if (server === primary) continue;
      const problem = await this.join(server, state, primary, states, approved === server.name).catch(
        (error: unknown) => `${server.name}: ${String(error)}`,
      );
      if (problem !== undefined) problems.push(problem);
    }
    return { primary: name, isOfUse: true, primaryLost: undefined, problems };
  }

  /** Why a primary that has just started must not become writable, and whether its data are lost. */
  private obstacle(
    primary: Server,
    own: ServerState,
    states: ReadonlyMap<Server, ServerState>,
  ): { why: string; lost: boolean } | undefined {
    const others = [...states].filter(([server]) => server !== primary);
    if (own.executed.isEmpty) {
      const rich = others.find(([, state]) => !state.executed.isEmpty);
      if (rich !== undefined)
        return { why: `${primary.name} has lost its data: it is empty, and ${rich[0].name} is not`, lost: true };
      const unseen = replicasOf(this.topology) - others.length;
      if (unseen > 0)
        return {
          why: `${primary.name} is empty, and ${unseen} server(s) cannot be asked whether they have data: waiting for them`,
          lost: false,
        };
      return undefined;
    }
    // What it wrote itself was on its disk before any other server could have it.
    const forgotten = others.find(([, state]) => !received(state).from(own.uuid).minus(own.executed).isEmpty);
    if (forgotten !== undefined)
      return {
        why: `${primary.name} lacks transactions that it wrote itself and ${forgotten[0].name} has: its data are old`,
        lost: true,
      };
    // An acknowledged transaction is on the server that wrote it and on those that acknowledged it.
    const ahead = others.filter(([, state]) => !own.executed.contains(received(state)));
    if (ahead.length <= acknowledgementsOf(this.topology)) return undefined;
    return {
      why: `${primary.name} lacks transactions that ${ahead.map(([server]) => server.name).join(" and ")} have: its data are old`,
      lost: true,
    };
  }

  /** Makes a server replicate from the primary, by a clone if necessary. @returns what is wrong with it. */
  private async join(
    server: Server,
    seen: ServerState,
    primary: Server,
    states: ReadonlyMap<Server, ServerState>,
    approved: boolean,
  ): Promise<string | undefined> {
    const clone = this.clones.get(server.name);
    if (clone?.running === true) return `${server.name} is being cloned`;
    // Its last commits may end only now. They count as its transactions.
    const state = (await demote(this.topology, server, seen, "release")) ? await server.state() : seen;
    if (approved)
      return this.clone(server, primary, states, "keep", `an operator wants ${server.name} cloned again`, true);
    const { replica } = state;
    const follows = replica?.source === primary.host;
    if (follows && replica.applyError !== undefined && !RELAY_LOG_BROKEN.includes(replica.applyError.code))
      return `${server.name} cannot apply a transaction: ${replica.applyError.message}`;
    if (follows && replica.receiving && replica.applying) {
      this.clones.delete(server.name);
      // With a single replica there is no choice.
      const mayDisconnect = this.spare > 0 || replicasOf(this.topology) === acknowledgementsOf(this.topology);
      if (await followAsItself(this.topology, server, replica, primary, mayDisconnect)) this.spare--;
      return replica.connected
        ? undefined
        : `${server.name} is not connected to ${primary.name}${replica.receiveError === undefined ? "" : `: ${replica.receiveError.message}`}`;
    }
    const { executed } = await primary.state(); // read after the replica's state, so that it contains what the replica has from the primary
    // If its source is the primary, the primary has what it received, or sends it again. If its source is another server, no server does.
    const errant = (follows ? state.executed : received(state)).minus(executed);
    if (!errant.isEmpty) {
      const what = `${server.name} has ${errant.size} transaction(s) that ${primary.name} lacks (${errant.toString()}): errant transactions, which were never acknowledged to a client, or which an operator has given up`;
      if (!this.replaceDivergent)
        return `${what}; it does not replicate until \`rejoin --server ${server.name}\` clones it again`;
      return this.clone(server, primary, states, "keep", what);
    }
    if (state.executed.isEmpty && !executed.isEmpty)
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
      executed.contains(received(state)) &&
      (await followOn(this.topology, server, primary))
    ) {
      this.topology.log(`${server.name} replicates from ${primary.name} again`);
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
    const record = {
      running: true,
      attempts,
      notBefore: Date.now() + Math.min(FIRST_RETRY_MS * 2 ** past.attempts, LONGEST_RETRY_MS),
    };
    this.clones.set(server.name, record);
    const donor =
      [...states].find(
        ([other, state]) =>
          other !== server &&
          other !== primary &&
          state.replica?.connected === true &&
          state.replica.source === primary.host,
      )?.[0] ?? primary;
    this.topology.log(`${why}: cloning it from ${donor.name}${logs === "keep" ? "; its old logs are kept" : ""}`);
    void cloneFrom(this.topology, server, donor, logs)
      .then(() => this.topology.log(`${server.name} is cloned and restarts on the new data`))
      .catch((error: unknown) => this.topology.log(`${server.name} was not cloned: ${String(error)}`))
      .finally(() => (record.running = false));
    return `${why}; it is being cloned`;
  }
}
