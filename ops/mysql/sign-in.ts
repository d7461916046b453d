import { parseCredentials } from "../../contract/credentials";
import { OBJECTS, restartTogether } from "../../contract/objects";
import type { ConfigMapObject, StackCluster } from "../cluster";
import { Refusal } from "../../contract/refusal";
import { connect } from "../../clients/mysql/connect";
import { tlsAt } from "../../clients/mysql/local";

/** How long the primary may take to answer. */
const PATIENCE_MS = 10_000;
const ACCESS_DENIED = 1045;

/**
 * Logs in once at `mysql.endpoint` as Pulumi's provider will. With a wrong password, or if the server is unreachable, the
 * provider would retry for five minutes for every account. Does nothing if the stack has no servers yet.
 *
 * @throws Refusal if the login fails, or no server is reachable.
 */
export async function requireSignIn({ api, stack, namespace, mysql: { endpoint } }: Pick<StackCluster, "api" | "stack" | "namespace" | "mysql">): Promise<void> {
  const secret = await api.get<ConfigMapObject>(`/api/v1/namespaces/${namespace}/secrets/${OBJECTS.administrator}`).catch((error: unknown) => {
    if ((error as { status?: number }).status !== 404) throw error;
  });
  if (secret === undefined) return;
  const { user, password } = parseCredentials(Buffer.from(secret.data["admin.json"], "base64").toString());
  const [host, port] = endpoint.split(":");
  try {
    const connection = await connect({ host, port: Number(port), user, password, ssl: tlsAt(endpoint), connectTimeout: PATIENCE_MS });
    connection.destroy();
  } catch (error) {
    const { errno } = error as { errno?: number };
    throw new Refusal(errno === ACCESS_DENIED
      ? `MySQL at ${endpoint} refuses the password of ${user}: the servers have other passwords than the stack. They use the stack's passwords after they all restart together, and nobody can write for a minute: ${restartTogether(namespace)}`
      : `MySQL at ${endpoint} ${errno === undefined || errno < 0 ? "is unreachable" : "refuses the login"}: ${String(error)}. \`ops mysql status\` shows the state of the servers. An update that changes no account does not need a tunnel. For an update that brings the servers back, open a tunnel without a command in another terminal: npm run ops -- mysql tunnel --stack ${stack}`);
  }
}
