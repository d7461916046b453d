import { GtidSet } from "./gtid-set";
import { received, type ServerState } from "./server";

/** A server that answered, with what it said. */
export interface Seen<T> {
  readonly server: T;
  readonly state: ServerState;
}

/**
 * The server that has received all that any of them has. Where several have, the first.
 *
 * @returns the server, or what keeps the best two apart.
 */
export function mostAdvanced<T extends { readonly name: string }>(seen: readonly Seen<T>[]): { winner: Seen<T> } | { conflict: string } {
  const all = seen.reduce((set, { state }) => set.union(received(state)), GtidSet.empty);
  const winner = seen.find(({ state }) => received(state).contains(all));
  if (winner !== undefined) return { winner };
  const lacks = seen.map(({ server, state }) => `${server.name} lacks ${all.minus(received(state)).toString()}`);
  return { conflict: lacks.join("; ") };
}
