import { haveAll } from "../../contract/quorum";
import { acknowledgedOf, errantOf } from "./acknowledged";
import { connectedTo, received, type Server, type ServerState } from "./server";
import { acknowledgementsOf, replicasOf, type Topology } from "./topology";

/** How long a primary that has started waits for servers that may have more than it has. */
const PATIENCE_MS = 30_000;

export interface Obstacle {
  readonly why: string;
  /** Whether the primary's data are lost. */
  readonly lost: boolean;
}

/**
 * Why a primary that has just started must not become writable.
 *
 * @param waitedMs how long it has been waiting for other servers.
 * @param cloning whether a server is being cloned.
 */
export function obstacleOf(
  topology: Topology,
  primary: Server,
  own: ServerState,
  states: ReadonlyMap<Server, ServerState>,
  waitedMs: number,
  cloning: boolean,
): Obstacle | undefined {
  const others = [...states].filter(([server]) => server !== primary);
  const unseen = replicasOf(topology) - others.length;
  if (own.executed.isEmpty) {
    const rich = others.find(([, state]) => !state.executed.isEmpty);
    if (rich !== undefined)
      return { why: `${primary.name} has lost its data: it is empty, and ${rich[0].name} is not`, lost: true };
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
  const ahead = others.filter(([, state]) => !own.executed.contains(received(state).minus(errantOf(topology))));
  if (ahead.length > acknowledgementsOf(topology))
    return {
      why: `${primary.name} lacks transactions that ${ahead.map(([server]) => server.name).join(" and ")} have: its data are old`,
      lost: true,
    };
  const required = topology.semiSync === "required" ? acknowledgementsOf(topology) : 0; // with fewer, no commit would end
  if (cloning && connectedTo(primary, states) < required)
    return {
      why: `${primary.name} stays read-only while a server is cloned: no commit could end before that, and the clone would wait for the commits`,
      lost: false,
    };
  // Its data may be old: a disk that lied, or a volume that was put back. Without the others nothing shows it.
  const acknowledged = acknowledgedOf(topology);
  const rich = others.filter(([, state]) => !received(state).isEmpty).length;
  if (unseen === 0 || acknowledged.by === 0 || haveAll(acknowledged, rich)) return undefined;
  if (waitedMs >= PATIENCE_MS && others.length >= required) return undefined;
  return {
    why: `${primary.name} has started, and ${unseen} server(s) cannot be asked whether they have more than it has: waiting for ${
      others.length < required ? `${required} to answer` : `up to ${PATIENCE_MS / 1000} s`
    }`,
    lost: false,
  };
}
