import type { Connection, ConnectionOptions, RowDataPacket } from "mysql2/promise";
import type { Credentials } from "../../contract/credentials";
import { Refusal } from "../../contract/refusal";
import { pause } from "../pause";
import { connect } from "./connect";

export interface Server {
  readonly host: string;
  readonly port: number;
  /** CAs that sign the server's certificate, PEM. The certificate has to contain `host`. */
  readonly ca: string;
}

const CONNECT_MS = 10_000;
const POLL_MS = 1000;

/** Logs in over TLS, within 10 s if the options say nothing else. @throws the reason. */
export function login(
  { host, port, ca }: Server,
  credentials: Credentials,
  options: ConnectionOptions = {},
): Promise<Connection> {
  return connect({
    connectTimeout: CONNECT_MS,
    ...options,
    host,
    port,
    ...credentials,
    ssl: { ca, verifyIdentity: true },
  });
}

/** Logs in like {@link login}. @throws the reason, also if the server is read-only. */
export async function loginToWritable(
  server: Server,
  credentials: Credentials,
  options?: ConnectionOptions,
): Promise<Connection> {
  const connection = await login(server, credentials, options);
  try {
    const [[{ readOnly }]] = await connection.query<RowDataPacket[]>("SELECT @@GLOBAL.read_only AS readOnly");
    if (readOnly !== 0) throw new Error("it is read-only");
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/**
 * Repeats an attempt every second until it succeeds: a server that has just started answers before it is writable, and a
 * primary may be replaced meanwhile.
 *
 * @throws a Refusal of the attempt at once, because waiting cannot help; after `patienceMs`, what `late` says of the last error
 */
export async function patiently<T>(
  patienceMs: number,
  attempt: () => Promise<T>,
  late: (answer: Error) => Error,
): Promise<T> {
  for (const deadline = performance.now() + patienceMs; ; await pause(POLL_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (performance.now() > deadline) throw late(error as Error);
    }
  }
}
