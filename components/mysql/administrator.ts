import { pause } from "../../ops/pause";
import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { connect } from "../../ops/mysql/connect";
import { ACCOUNTS } from "./names";

export interface AdministratorArgs {
  /** `host:port` at which Pulumi reaches the primary from where it runs. */
  readonly endpoint: string;
  /** Password of the account that makes accounts. */
  readonly password: pulumi.Output<string>;
  /** Known once the servers are ready. */
  readonly ready: pulumi.Output<unknown>;
}

/** How long the server may take to answer: a connection through a tunnel to a server that has just become ready. */
const PATIENCE_MS = 20_000;
const ACCESS_DENIED = 1045;

/**
 * Makes databases and accounts. The provider itself would try for five minutes to sign in with a wrong password; an update
 * asks beforehand.
 */
export function administrator(name: string, args: AdministratorArgs, opts: pulumi.ResourceOptions): mysql.Provider {
  const endpoint = pulumi.all([args.password, args.ready]).apply(async ([password]) => {
    if (!pulumi.runtime.isDryRun()) await checkLogin(args.endpoint, password, opts.parent);
    return args.endpoint;
  });
  return new mysql.Provider(name, {
    endpoint: pulumi.unsecret(endpoint),
    username: ACCOUNTS.admin,
    password: args.password,
    // The provider takes no authority of its own. A tunnel ends inside the pod.
    tls: "skip-verify",
  }, opts);
}

/**
 * Warns where nobody answers: an update that changes no account does without.
 *
 * @throws RunError where the server answers and refuses the password.
 */
async function checkLogin(endpoint: string, password: string, resource: pulumi.Resource | undefined): Promise<void> {
  const [host, port] = endpoint.split(":");
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const connection = await connect({ host, port: Number(port), user: ACCOUNTS.admin, password, ssl: { rejectUnauthorized: false }, connectTimeout: PATIENCE_MS });
      connection.destroy();
      return;
    } catch (error) {
      const { errno, code } = error as { errno?: number; code?: string };
      if (errno === ACCESS_DENIED) {
        throw new pulumi.RunError(`MySQL at ${endpoint} refuses the password of ${ACCOUNTS.admin}: it belongs to another stack, or to an older state of this one. A restart of the servers gives them the passwords of this stack: kubectl rollout restart statefulset mysql`);
      }
      // Nothing listens at all: no waiting helps.
      if (code === "ECONNREFUSED" || Date.now() > deadline) {
        await pulumi.log.warn(`nobody answers for MySQL at ${endpoint} (${code ?? String(error)}). An update that changes accounts waits for it, five minutes at most. If no tunnel is open: npm run ops -- mysql tunnel --stack ${pulumi.getStack()} -- pulumi up`, resource);
        return;
      }
      await pause(500);
    }
  }
}
