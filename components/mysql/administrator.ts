import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { restartTogether } from "../../contract/objects";
import { connect } from "../../clients/mysql/connect";
import { isLocal, tlsAt } from "../../clients/mysql/local";
import { pause } from "../../clients/pause";
import type { Database } from "./database";
import { requireFit, type ServerRequirements } from "./server-requirements";

export interface AdministratorArgs {
  /** `host:port` at which Pulumi reaches the primary from where it runs. */
  readonly endpoint: string;
  /** Of the stack. */
  readonly namespace: string;
  /** The account that makes accounts. */
  readonly account: Database["administrator"];
  /** Known once the servers are ready; nothing where they are not the stack's to make. */
  readonly ready?: pulumi.Output<unknown>;
  /** What an external server has to be. The stack's own are made that way. */
  readonly requirements?: ServerRequirements;
}

/** How long the server may take to answer: a connection through a tunnel to a server that has just become ready. */
const PATIENCE_MS = 20_000;
const ACCESS_DENIED = 1045;

/**
 * Makes databases and accounts. The provider itself would try for five minutes to sign in with a wrong password; an update
 * asks beforehand.
 */
export function administrator(name: string, args: AdministratorArgs, opts: pulumi.ResourceOptions): mysql.Provider {
  const { account: { user, password } } = args;
  const endpoint = pulumi.all([password, args.ready]).apply(async ([value]) => {
    if (!pulumi.runtime.isDryRun()) await checkLogin(args, value, opts.parent).catch((error: unknown) => end(error, opts.parent));
    return args.endpoint;
  });
  return new mysql.Provider(name, {
    endpoint: pulumi.unsecret(endpoint),
    username: user,
    password,
    // The provider takes no CA of its own; the system's it does, and those in SSL_CERT_FILE.
    tls: isLocal(args.endpoint) ? "skip-verify" : "true",
  }, opts);
}

/** Status by which Pulumi knows that a program has said what is wrong. */
const ALREADY_REPORTED = 32;

/** Every property that waits for the endpoint would repeat the reason, one within the other: so it is said once, and the program ends. */
async function end(error: unknown, resource: pulumi.Resource | undefined): Promise<never> {
  if (!(error instanceof pulumi.RunError)) throw error;
  await pulumi.log.error(error.message, resource);
  process.exit(ALREADY_REPORTED);
}

/**
 * Warns where nobody answers: an update that changes no account does without.
 *
 * @throws RunError where the server answers and refuses the password, or is not what is required.
 */
async function checkLogin({ endpoint, namespace, account: { user }, requirements }: AdministratorArgs, password: string, resource: pulumi.Resource | undefined): Promise<void> {
  const [host, port] = endpoint.split(":");
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const connection = await connect({ host, port: Number(port), user, password, ssl: tlsAt(endpoint, requirements?.caCertificates), connectTimeout: PATIENCE_MS });
      try {
        if (requirements !== undefined) await requireFit(endpoint, connection, requirements);
      } finally {
        connection.destroy();
      }
      return;
    } catch (error) {
      const { errno, code } = error as { errno?: number; code?: string };
      if (error instanceof pulumi.RunError) throw error;
      if (errno === ACCESS_DENIED) {
        throw new pulumi.RunError(`MySQL at ${endpoint} refuses the password of ${user}: ${requirements === undefined
          ? `is a tunnel to another stack open there? If not, the servers have other passwords than the stack. They take the stack's when they start all together, and nobody can write for a minute: ${restartTogether(namespace)}`
          : "pulumi config set --secret --path nacos-platform:mysql.password"}`);
      }
      // No waiting mends a certificate.
      if (code === "HANDSHAKE_SSL_ERROR" && requirements !== undefined) {
        throw new pulumi.RunError(`MySQL at ${endpoint} cannot prove who it is: ${String(error)}. Its certificate has to be made out to the name in mysql.endpoint, and signed by a CA in mysql.caCertificates; the provider wants it in the file SSL_CERT_FILE as well, unless the system knows it`);
      }
      // Nothing listens at all: no waiting helps.
      if (code === "ECONNREFUSED" || Date.now() > deadline) {
        await pulumi.log.warn(`nobody answers for MySQL at ${endpoint} (${code === undefined || code.startsWith("ER_") ? String(error) : code}). An update that changes accounts waits for it, five minutes at most. ${requirements === undefined ? `If no tunnel is open: npm run ops -- mysql tunnel --stack ${pulumi.getStack()} -- pulumi up` : "It is mysql.endpoint"}`, resource);
        return;
      }
      await pause(500);
    }
  }
}
