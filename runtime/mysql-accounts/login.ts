import type { Connection, RowDataPacket } from "mysql2/promise";
import { login, loginToWritable, patiently, type Server } from "../../clients/mysql/writable";
import type { Credentials } from "../../contract/credentials";
import { Refusal } from "../../contract/refusal";
import type { Access } from "./accounts";

export interface ServerAccess extends Server {
  /** The account that makes accounts. */
  readonly administrator: Credentials;
  /** The error if the server refuses the administrator's password. */
  readonly refused: (server: string, user: string, options: ErrorOptions) => Refusal;
}

/** A commit may wait for replicas, and no statement here takes long by itself. */
const STATEMENT_MS = 60_000;
const ACCESS_DENIED = 1045;
/** ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR, ER_CANT_CREATE_USER_WITH_GRANT */
const NOT_ALLOWED = [1044, ACCESS_DENIED, 1142, 1227, 1410];

/**
 * Does something in MySQL as its administrator, as soon as the server is writable, and again if that is interrupted.
 *
 * @param work may be repeated
 * @throws Refusal with the last answer, after `patienceMs` or at once if waiting cannot help.
 */
export async function asAdministrator(
  server: ServerAccess,
  patienceMs: number,
  work: (access: Access) => Promise<void>,
): Promise<void> {
  await patiently(
    patienceMs,
    () => attempt(server, work),
    (answer) => unfinished(server, patienceMs, answer),
  );
}

const where = ({ host, port }: ServerAccess): string => `MySQL at ${host}:${port}`;

function unfinished(server: ServerAccess, patienceMs: number, answer: Error): Refusal {
  const cause = { cause: answer };
  const { code } = answer as { code?: string };
  if (code === "HANDSHAKE_SSL_ERROR")
    return new Refusal(
      "MYSQL_CERTIFICATE_INVALID",
      `the certificate of ${where(server)} cannot be verified: ${String(answer)}. It has to contain that name, and one of the stack's CAs has to have signed it`,
      cause,
    );
  if (code === "PROTOCOL_SEQUENCE_TIMEOUT")
    return new Refusal(
      "MYSQL_STATEMENT_TIMEOUT",
      `${where(server)} has not ended a statement within ${STATEMENT_MS / 1000} s: its commits may be waiting for replicas`,
      cause,
    );
  return new Refusal(
    "MYSQL_NOT_WRITABLE",
    `${where(server)} was not writable within ${patienceMs / 1000} s; the last answer: ${String(answer)}`,
    cause,
  );
}

async function attempt(server: ServerAccess, work: (access: Access) => Promise<void>): Promise<void> {
  const { administrator } = server;
  const connection = await loginToWritable(server, administrator).catch((error: unknown) => {
    if ((error as { errno?: number }).errno === ACCESS_DENIED)
      throw server.refused(where(server), administrator.user, { cause: error });
    throw error;
  });
  try {
    await work(accessOf(server, connection));
  } finally {
    connection.destroy();
  }
}

function accessOf(server: ServerAccess, connection: Connection): Access {
  return {
    query: async (statement) => {
      const [rows] = await connection
        .query<RowDataPacket[]>({ sql: statement, timeout: STATEMENT_MS })
        .catch((error: unknown) => {
          if (!NOT_ALLOWED.includes((error as { errno?: number }).errno ?? 0)) throw error;
          throw new Refusal(
            "MYSQL_ADMINISTRATOR_LACKS_PRIVILEGE",
            `${where(server)} does not let ${server.administrator.user} run ${withoutPassword(statement)}: it lacks a privilege, or may not pass it on (docs/external-mysql.md has all of them)`,
            { cause: error },
          );
        });
      return rows;
    },
    accepts: async (user, password) => {
      try {
        (await login(server, { user, password })).destroy();
        return true;
      } catch (error) {
        if ((error as { errno?: number }).errno === ACCESS_DENIED) return false;
        throw error;
      }
    },
  };
}

function withoutPassword(statement: string): string {
  return statement.replace(/IDENTIFIED BY '[^']*'/, "IDENTIFIED BY …");
}
