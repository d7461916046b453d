import { GtidSet } from "../gtid-set";
import { received, type ServerState } from "./server";

/** A server that answered, with the state that it reported. */
export interface Seen<T> {
  readonly server: T;
  readonly state: ServerState;
}

/**
 * The server that has received every transaction that any of them has. If several have, it is the one that can apply them
 * soonest: a server whose applier has stopped with an error comes last, and of equal servers the first wins.
 *
 * @returns the server, or, if no server has all transactions, what each one lacks.
 */
export function mostAdvanced<T extends { readonly name: string }>(
  seen: readonly Seen<T>[],
): { winner: Seen<T> } | { conflict: string } {
  const all = seen.reduce((set, { state }) => set.union(received(state)), GtidSet.empty);
  const complete = seen.filter(({ state }) => received(state).contains(all));
  const broken = ({ state }: Seen<T>): number => (state.replica?.applyError === undefined ? 0 : 1);
  const left = ({ state }: Seen<T>): number => all.minus(state.executed).size;
  const [winner] = complete.sort((a, b) => broken(a) - broken(b) || left(a) - left(b));
  if (winner !== undefined) return { winner };
  const lacks = seen.map(({ server, state }) => `${server.name} lacks ${all.minus(received(state)).toString()}`);
  return { conflict: lacks.join("; ") };
}
