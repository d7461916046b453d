import { GtidSet } from "../gtid-set";
import { received, type ServerState } from "./server";

/** A server that answered, with the state that it reported. */
export interface Seen<T> {
  readonly server: T;
  readonly state: ServerState;
}

/**
 * The server that has received every transaction that any of them has, except those that are known to be errant. If several
 * have, it is one without errant transactions, and the one that can apply them soonest: a server whose applier has stopped with
 * an error comes last, and of equal servers the first wins. A server that is being cloned never wins: it is about to lose its data.
 *
 * @returns the server, or, if no server has all transactions, what each one lacks.
 */
export function mostAdvanced<T extends { readonly name: string }>(
  seen: readonly Seen<T>[],
  errant = GtidSet.empty,
): { winner: Seen<T> } | { conflict: string } {
  const all = seen.reduce((set, { state }) => set.union(received(state)), GtidSet.empty).minus(errant);
  const complete = seen.filter(({ state }) => !state.cloning && received(state).contains(all));
  const foreign = ({ state }: Seen<T>): number => (received(state).intersect(errant).isEmpty ? 0 : 1);
  const broken = ({ state }: Seen<T>): number => (state.replica?.applyError === undefined ? 0 : 1);
  const left = ({ state }: Seen<T>): number => all.minus(state.executed).size;
  const [winner] = complete.sort((a, b) => foreign(a) - foreign(b) || broken(a) - broken(b) || left(a) - left(b));
  if (winner !== undefined) return { winner };
  const lacks = seen.map(({ server, state }) =>
    state.cloning ? `${server.name} is being cloned` : `${server.name} lacks ${all.minus(received(state)).toString()}`,
  );
  return { conflict: lacks.join("; ") };
}
