import type { Acknowledged } from "../../contract/quorum";
import { GtidSet } from "../gtid-set";
import { isConnectedTo, received, type Server, type ServerState } from "./server";
import { acknowledgementsOf, replicasOf, type Topology } from "./topology";

const NOTE = "acknowledged";

/** What holds for every acknowledged transaction, also while servers are added or removed. A failover counts with it. */
export function acknowledgedOf(topology: Topology): Acknowledged {
  return noted(topology) ?? wantedOf(topology);
}

function wantedOf(topology: Topology): Acknowledged {
  return { by: acknowledgementsOf(topology), of: replicasOf(topology) };
}

function noted({ notebook }: Topology): Acknowledged | undefined {
  const [, by, of] = /^(\d+) of (\d+)$/.exec(notebook.notes[NOTE] ?? "") ?? [];
  return of === undefined ? undefined : { by: Number(by), of: Number(of) };
}

async function note(topology: Topology, { by, of }: Acknowledged): Promise<void> {
  const text = `${by} of ${of}`;
  if (topology.notebook.notes[NOTE] !== text) await topology.notebook.note({ [NOTE]: text });
}

/** Before a primary waits for the configured number of replicas: nothing more than that holds from then on. */
export async function noteAtMostWanted(topology: Topology): Promise<void> {
  const [now, wanted] = [acknowledgedOf(topology), wantedOf(topology)];
  await note(topology, { by: Math.min(now.by, wanted.by), of: Math.max(now.of, wanted.of) });
}

/**
 * Makes a writable primary wait for the configured number of replicas, after servers were added or removed: as soon as so many
 * have its transactions that commits need not wait for new servers. Until the transactions of before are on as many as the
 * configured number says, a failover counts with what held before.
 */
export async function settleAcknowledged(
  topology: Topology,
  primary: Server,
  own: ServerState,
  states: ReadonlyMap<Server, ServerState>,
): Promise<void> {
  const wanted = wantedOf(topology);
  const now = noted(topology) ?? { by: own.waitsFor, of: wanted.of };
  if (own.waitsFor < now.by) return waitForReplicas(primary, now.by); // somebody has changed it
  const isSet = own.waitsFor === wanted.by;
  if (isSet && now.by === wanted.by && now.of === wanted.of) return note(topology, wanted);
  const complete = [...states].filter(
    ([server, state]) => server !== primary && isConnectedTo(primary, state) && received(state).contains(own.executed),
  ).length;
  if (isSet && complete >= wanted.by && (await acknowledging(primary)) <= complete) return note(topology, wanted);
  await noteAtMostWanted(topology);
  const enough = own.waitsFor < wanted.by ? Math.min(wanted.by + 1, wanted.of) : wanted.by;
  if (!isSet && complete >= enough) {
    topology.log(`${primary.name} waits for ${wanted.by} of ${wanted.of} replica(s) from now on`);
    await waitForReplicas(primary, wanted.by);
  }
}

/** Lets each commit wait for so many replicas. */
export async function waitForReplicas(server: Server, count: number): Promise<void> {
  if (count === 0) return server.run("SET GLOBAL rpl_semi_sync_source_enabled = OFF");
  await server.run(
    `SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ${count}`,
    "SET GLOBAL rpl_semi_sync_source_enabled = ON",
  );
}

/** How many replicas may acknowledge, those that are being removed included. */
async function acknowledging(primary: Server): Promise<number> {
  const [{ clients }] = await primary.query(
    "SELECT VARIABLE_VALUE AS clients FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_clients'",
  );
  return Number(clients);
}

const ERRANT = "errant";

/** Transactions that replicas had and the primary lacked while it was up. None of them was acknowledged. */
export function errantOf({ notebook }: Topology): GtidSet {
  return GtidSet.parse(notebook.notes[ERRANT] ?? "");
}

export async function noteErrant(topology: Topology, errant: GtidSet): Promise<void> {
  if (!errant.equals(errantOf(topology))) await topology.notebook.note({ [ERRANT]: errant.toString() });
}
