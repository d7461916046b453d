import * as pulumi from "@pulumi/pulumi";
import { connect } from "../../clients/mysql/connect";
import { isLocal, tlsAt } from "../../clients/mysql/local";

/** How the program itself logs in to MySQL, as the account that makes databases and accounts. */
export interface Administrator {
  /** `host:port` at which the primary is reached from where Pulumi runs. */
  readonly endpoint: string;
  readonly user: string;
  readonly password: string;
  /** CAs that sign the server's certificate, PEM. */
  readonly caCertificates: string;
}

/** Runs a statement. The rows are objects by column. */
export type Query = (statement: string, values?: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** For a login, through a tunnel too. */
const PATIENCE_MS = 20_000;
const ACCESS_DENIED = 1045;

/**
 * What `work` returns, with a connection that is closed after it.
 *
 * @throws RunError if the server answers, and no waiting helps: the provider itself would try for five minutes.
 */
export async function asAdministrator<T>({ endpoint, user, password, caCertificates }: Administrator, work: (query: Query) => Promise<T>): Promise<T> {
  const [host, port] = endpoint.split(":");
  const login = connect({ host, port: Number(port), user, password, ssl: tlsAt(endpoint, caCertificates), connectTimeout: PATIENCE_MS });
  const connection = await login.catch((error: unknown) => {
    const { errno, code } = error as { errno?: number; code?: string };
    if (errno === ACCESS_DENIED) throw new pulumi.RunError(`MySQL at ${endpoint} refuses the password of ${user}. It has to be the platform's own MySQL: ${isLocal(endpoint) ? "is a tunnel to another stack open there? If not, " : ""}see nacos-tenants:endpoint`);
    if (code === "HANDSHAKE_SSL_ERROR") throw new pulumi.RunError(`MySQL at ${endpoint} has no valid certificate: ${String(error)}. It has to contain the name in nacos-tenants:endpoint, and be signed by a CA in the platform's mysql.caCertificates`);
    throw error;
  });
  try {
    return await work(async (statement, values) => (await connection.query(statement, values as unknown[]))[0] as unknown as Record<string, unknown>[]);
  } finally {
    connection.destroy();
  }
}
