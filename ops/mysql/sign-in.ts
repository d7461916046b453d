import { parseCredentials } from "../../contract/credentials";
import { OBJECTS } from "../../contract/objects";
import { passwordRefused } from "../../contract/password-refused";
import type { ConfigMapObject, StackCluster } from "../cluster";
import { Refusal } from "../../contract/refusal";
import { connect } from "../../clients/mysql/connect";
import { required } from "../required";

/** How long the primary may take to answer. */
const PATIENCE_MS = 10_000;
const ACCESS_DENIED = 1045;

/**
 * Logs in once through a tunnel as Pulumi's provider will. With a wrong password, or if the server is unreachable, the
 * provider would retry for five minutes for every account.
 *
 * @param port on 127.0.0.1, where the tunnel begins
 * @throws Refusal if the login fails, no server is reachable, or the stack has none.
 */
export async function requireSignIn(
  { api, stack, namespace }: Pick<StackCluster, "api" | "stack" | "namespace">,
  port: number,
): Promise<void> {
  const server = `MySQL at 127.0.0.1:${port}`;
  const asked = api.get<ConfigMapObject>(`/api/v1/namespaces/${namespace}/secrets/${OBJECTS.administrator}`);
  const secret = await required(
    asked,
    "STACK_NOT_DEPLOYED",
    namespace,
    `Secret ${OBJECTS.administrator}`,
    `deploy stack ${stack} of the platform first.`,
  );
  const { user, password } = parseCredentials(Buffer.from(secret.data["admin.json"], "base64").toString());
  try {
    const connection = await connect({
      host: "127.0.0.1",
      port,
      user,
      password,
      ssl: { rejectUnauthorized: false },
      connectTimeout: PATIENCE_MS,
    }) /* the tunnel ends at the pod */;
    connection.destroy();
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === ACCESS_DENIED) throw passwordRefused(server, user, namespace);
    throw new Refusal(
      "MYSQL_LOGIN_FAILED",
      `${server} ${errno === undefined || errno < 0 ? "is unreachable" : "refuses the login"}: ${String(error)}. \`ops mysql status\` shows the state of the servers.`,
    );
  }
}
