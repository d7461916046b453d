/** An account of MySQL. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** An account as its Secret carries it. */
export function parseCredentials(json: string): Credentials {
  return JSON.parse(json) as Credentials;
}
