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
 * Signs in once at `mysql.endpoint` as Pulumi's provider will, which would try a wrong password, or a server that is away,
 * for five minutes with every account. Does nothing where the stack has no servers yet.
 *
 * @throws Refusal where the server does not let it in, or none answers.
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
      ? `MySQL at ${endpoint} refuses the password of ${user}: the servers have other passwords than the stack. They take the stack's when they start all together, and nobody can write for a minute: ${restartTogether(namespace)}`
      : `MySQL at ${endpoint} lets nobody in: ${String(error)}. \`ops mysql status\` says how the servers are. An update that changes no account does without a tunnel; one that is to bring the servers back runs beside a tunnel without a command: npm run ops -- mysql tunnel --stack ${stack}`);
  }
}
