/** The address at which a server is reached. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}
