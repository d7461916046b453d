/** How many members the cluster has, and how many it should have. */
export interface Membership {
  /** The pods with the ordinals below it are members. */
  readonly members: number;
  /** Replicas of the StatefulSet. */
  readonly wanted: number;
}

/**
 * The number of members after the next step. A server without Raft data takes its first member list for the configuration of
 * each group, so servers that are new must never be a majority among themselves: at most two join at a time, and only one
 * joins a single server.
 */
export function nextStep({ members, wanted }: Membership): number {
  return wanted <= members ? members : Math.min(wanted, members + (members === 1 ? 1 : 2));
}

/**
 * How many members the list of a server has, or undefined if the server must not start yet. Servers that are new have the next
 * step's list from the start; the others get it once the new ones have joined.
 */
export function listLength(ordinal: number, membership: Membership): number | undefined {
  const { members } = membership;
  const next = nextStep(membership);
  if (ordinal >= next) return undefined;
  return ordinal >= members ? next : members;
}

/** Whether a server has to leave, once all servers with a higher ordinal have. */
export function leaves(ordinal: number, { wanted }: Membership): boolean {
  return ordinal >= wanted;
}
