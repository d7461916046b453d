import type { RowDataPacket } from "mysql2/promise";
import { login } from "../../clients/mysql/writable";
import type { Credentials } from "../../contract/credentials";

export type Row = Readonly<Record<string, unknown>>;
export type Query = (statement: string) => Promise<readonly Row[]>;

/** How this pod logs in to any server. */
export interface Login {
  readonly credentials: Credentials;
  /** CAs that sign the servers' certificates, PEM. */
  readonly ca: string;
}

const CONNECT_MS = 5000;
const STATEMENT_MS = 30_000;

/**
 * Asks one server over one connection.
 *
 * @param server host:port; its certificate must contain that host
 * @throws the error of the login, or of the first statement that fails or takes longer than 30 s
 */
export async function withServer<T>(
  server: string,
  { credentials, ca }: Login,
  ask: (query: Query) => Promise<T>,
): Promise<T> {
  const colon = server.lastIndexOf(":");
  const address = { host: server.slice(0, colon), port: Number(server.slice(colon + 1)), ca };
  const connection = await login(address, credentials, { connectTimeout: CONNECT_MS });
  try {
    return await ask(async (sql) => (await connection.query<RowDataPacket[]>({ sql, timeout: STATEMENT_MS }))[0]);
  } finally {
    connection.destroy();
  }
}

/** The text of an error. A host with several addresses gives one error for each of them, together in one without a text. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
