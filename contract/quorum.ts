/**
 * How many replicas have to acknowledge a transaction before the primary acknowledges it to the client. With the primary
 * they are a majority of the servers, or both of two.
 */
export function acknowledgements(replicas: number): number {
  return Math.floor((replicas + 1) / 2);
}

/** By how many servers besides the primary each acknowledged transaction is held, and of how many these may be any. */
export interface Acknowledged {
  readonly by: number;
  readonly of: number;
}

/**
 * Whether one of so many servers besides the primary certainly has every acknowledged transaction: fewer are missing than have it.
 * Otherwise none of them may be promoted.
 */
export function haveAll({ by, of }: Acknowledged, servers: number): boolean {
  return of - servers < by;
}
