/**
 * How many replicas have to acknowledge a transaction before its client hears of it: with the primary they are a
 * majority of the servers, or all of two.
 */
export function acknowledgements(replicas: number): number {
  return Math.floor((replicas + 1) / 2);
}

/**
 * How many servers beside a dead primary have to be seen before another one is chosen, so that at least one of them
 * holds every acknowledged transaction: any two such sets overlap.
 */
export function failoverQuorum(replicas: number): number {
  return replicas + 1 - acknowledgements(replicas);
}
