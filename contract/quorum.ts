/**
 * How many replicas have to acknowledge a transaction before the primary acknowledges it to the client. With the primary
 * they are a majority of the servers, or both of two.
 */
export function acknowledgements(replicas: number): number {
  return Math.floor((replicas + 1) / 2);
}

/**
 * How many servers other than a dead primary must be reachable before a replica is promoted. Then at least one of them has
 * every acknowledged transaction, because any two such sets overlap.
 */
export function failoverQuorum(replicas: number): number {
  return replicas + 1 - acknowledgements(replicas);
}
