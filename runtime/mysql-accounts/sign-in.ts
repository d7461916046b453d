import type { Connection, RowDataPacket } from "mysql2/promise";
import { connect } from "../../clients/mysql/connect";
import { pause } from "../../clients/pause";
import type { Credentials } from "../../contract/credentials";
import { Refusal } from "../../contract/refusal";
import type { Access } from "./accounts";

export interface ServerAccess {
  readonly host: string;
  readonly port: number;
  /** CAs that sign the server's certificate, PEM. */
  readonly ca: string;
}

const CONNECT_MS = 10_000;
const POLL_MS = 1000;
const ACCESS_DENIED = 1045;

function login({ host, port, ca }: ServerAccess, credentials: Credentials): Promise<Connection> {
  return connect({ host, port, ...credentials, ssl: { ca, verifyIdentity: true }, connectTimeout: CONNECT_MS });
}

/** A session of the administrator. */
export interface Session extends Access {
  readonly close: () => void;
}

/**
 * Logs in as soon as the server is writable: one that has just started, or is being replaced, answers before.
 *
 * @param refused the error if the server refuses the administrator's password
 * @throws Refusal with the last answer, after `patienceMs` or at once if waiting cannot help.
 */
export async function openSession(server: ServerAccess, administrator: Credentials, refused: (server: string, user: string, options: ErrorOptions) => Refusal, patienceMs: number): Promise<Session> {
  const where = `MySQL at ${server.host}:${server.port}`;
  for (const deadline = performance.now() + patienceMs; ; await pause(POLL_MS)) {
    const answer = await attempt(server, administrator).catch((error: unknown) => {
      const { errno, code } = error as { errno?: number; code?: string };
      if (errno === ACCESS_DENIED) throw refused(where, administrator.user, { cause: error });
      if (code === "HANDSHAKE_SSL_ERROR") throw new Refusal("MYSQL_CERTIFICATE_INVALID", `the certificate of ${where} cannot be verified: ${String(error)}. It has to contain that name, and one of the stack's CAs has to have signed it`, { cause: error });
      return String(error);
    });
    if (typeof answer !== "string") return session(server, answer);
    if (performance.now() > deadline) throw new Refusal("MYSQL_NOT_WRITABLE", `${where} was not writable within ${patienceMs / 1000} s; the last answer: ${answer}`);
  }
}

/** A connection to a writable server, or why it is not one. */
async function attempt(server: ServerAccess, administrator: Credentials): Promise<Connection | string> {
  const connection = await login(server, administrator);
  const [[{ readOnly }]] = await connection.query<RowDataPacket[]>("SELECT @@GLOBAL.read_only AS readOnly");
  if (readOnly === 0) return connection;
  connection.destroy();
  return "it is read-only";
}

function session(server: ServerAccess, connection: Connection): Session {
  return {
    query: async (statement) => (await connection.query(statement))[0] as unknown as Record<string, unknown>[],
    accepts: async (user, password) => {
      try {
        (await login(server, { user, password })).destroy();
        return true;
      } catch (error) {
        if ((error as { errno?: number }).errno === ACCESS_DENIED) return false;
        throw error;
      }
    },
    close: () => connection.destroy(),
  };
}
