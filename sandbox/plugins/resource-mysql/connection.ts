import * as fs from "node:fs";
import { createConnection, Connection, ConnectionOptions } from "mysql2/promise";
import { setTimeout as pause } from "node:timers/promises";
import { ServerConfig } from "./config";
import { connectThroughProxy } from "./socks";

/** How long a failed connection is retried, whatever the reason: a wrong password is retried like an unreachable server. */
export const RETRY_MS = 5 * 60 * 1000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const HANDSHAKE_MS = 30_000;

export type Row = (string | null)[];

/** A connection to the server, for one operation. */
export interface Session {
  /** @throws ServerError if the server refuses the statement. */
  query(sql: string): Promise<Row[]>;
  end(): Promise<void>;
}

/** Creates a new connection each time. */
export type Connect = () => Promise<Session>;

/** An error of the server, in the words of the upstream's driver. */
export class ServerError extends Error {
  constructor(
    readonly code: number,
    state: string,
    message: string,
  ) {
    super(`Error ${code} (${state}): ${message}`);
  }
}

/** @throws the last error if there is no connection within `retryMs`. */
export async function connect(config: ServerConfig, retryMs = RETRY_MS): Promise<Session> {
  const deadline = Date.now() + retryMs;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    try {
      return session(await dial(config));
    } catch (error) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`Could not connect to server: ${wording(error).message}`, { cause: error });
      await pause(Math.min(wait, left));
    }
  }
}

async function dial(config: ServerConfig): Promise<Connection> {
  const address: ConnectionOptions =
    "socketPath" in config.address ? config.address : { ...config.address, ...(await throughProxy(config)) };
  return createConnection({
    ...address,
    user: config.username,
    password: config.password,
    ssl: tls(config),
    connectTimeout: HANDSHAKE_MS,
    enableCleartextPlugin: config.cleartextPassword,
    rowsAsArray: true,
  });
}

async function throughProxy({ proxy, address }: ServerConfig): Promise<ConnectionOptions> {
  if (proxy === undefined || "socketPath" in address) return {};
  return { stream: await connectThroughProxy(new URL(proxy), address.host, address.port, HANDSHAKE_MS) };
}

/** The provider has no setting for a CA: `true` trusts what the machine trusts. */
function tls({ tls: mode }: ServerConfig): ConnectionOptions["ssl"] {
  if (mode === "false") return undefined;
  if (mode === "skip-verify") return { rejectUnauthorized: false };
  const bundle = process.env.SSL_CERT_FILE ?? "/etc/ssl/certs/ca-certificates.crt";
  return { verifyIdentity: true, ...(fs.existsSync(bundle) && { ca: fs.readFileSync(bundle) }) };
}

function session(connection: Connection): Session {
  // If a connection breaks between two statements, the next statement fails, and its error says why.
  connection.on("error", () => undefined);
  return {
    async query(sql) {
      try {
        const [rows] = await connection.query(sql);
        return Array.isArray(rows) ? (rows as Row[]) : [];
      } catch (error) {
        throw wording(error);
      }
    },
    end: () => connection.end().catch(() => undefined),
  };
}

function wording(error: unknown): Error {
  const { errno, sqlState, sqlMessage, code, message } = error as Error & {
    errno?: number;
    sqlState?: string;
    sqlMessage?: string;
    code?: string;
  };
  if (errno !== undefined && sqlMessage !== undefined) return new ServerError(errno, sqlState ?? "HY000", sqlMessage);
  return new Error(message === "" ? code : message); // empty if every address of a name refused
}

/** Runs statements over a separate connection. */
export async function over<T>(connect: Connect, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await connect();
  try {
    return await use(session);
  } finally {
    await session.end();
  }
}
