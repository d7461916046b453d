/** An account of MySQL. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** An account from the JSON in its Secret. */
export function parseCredentials(json: string): Credentials {
  return JSON.parse(json) as Credentials;
}
