import { connect } from "../../clients/mysql/connect";
import { isLocal, tlsAt } from "../../clients/mysql/local";
import { UpdateRefusal } from "../../kube/update-refusal";

/** How the program itself logs in to MySQL, as the account that creates databases and accounts. */
export interface Administrator {
  /** `host:port` of the primary, as the machine on which Pulumi runs reaches it. */
  readonly endpoint: string;
  readonly user: string;
  readonly password: string;
  /** CAs that sign the server's certificate, PEM. */
  readonly caCertificates: string;
}

/** Runs a statement. Each row is an object, by column. */
export type Query = (
  statement: string,
  values?: readonly unknown[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** Timeout for a login, also through a tunnel. */
const PATIENCE_MS = 20_000;
const ACCESS_DENIED = 1045;

/**
 * Runs `work` with a connection, closes the connection, and returns the result.
 *
 * @throws UpdateRefusal if the server answers but refuses the login: the provider itself would retry for five minutes.
 */
export async function asAdministrator<T>(
  { endpoint, user, password, caCertificates }: Administrator,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const [host, port] = endpoint.split(":");
  const login = connect({
    host,
    port: Number(port),
    user,
    password,
    ssl: tlsAt(endpoint, caCertificates),
    connectTimeout: PATIENCE_MS,
  });
  const connection = await login.catch((error: unknown) => {
    const { errno, code } = error as { errno?: number; code?: string };
    if (errno === ACCESS_DENIED)
      throw new UpdateRefusal(
        "TENANTS_MYSQL_PASSWORD_REFUSED",
        `MySQL at ${endpoint} refuses the password of ${user}. It has to be the MySQL of the platform: ${isLocal(endpoint) ? "is a tunnel to another stack open there? If not, " : ""}see nacos-tenants:endpoint`,
      );
    if (code === "HANDSHAKE_SSL_ERROR")
      throw new UpdateRefusal(
        "TENANTS_MYSQL_CERTIFICATE_INVALID",
        `MySQL at ${endpoint} has no valid certificate: ${String(error)}. It has to contain the name in nacos-tenants:endpoint, and be signed by a CA in the platform's mysql.caCertificates`,
      );
    throw error;
  });
  try {
    return await work(
      async (statement, values) =>
        (await connection.query(statement, values as unknown[]))[0] as unknown as Record<string, unknown>[],
    );
  } finally {
    connection.destroy();
  }
}
