import type { Notes } from "../../clients/kubernetes/lease";
import type { CertificateEnds } from "../../runtime/mysql-controller/certificates";
import { copiedAt, type CopiedAt } from "../../runtime/mysql-controller/shipping";
import { inTime, received, type ServerState } from "../../runtime/mysql-controller/server";
import type { MySqlServers } from "../cluster";

/** What a server is, in words: one that begins with an exclamation mark is a problem. */
export interface ServerLook {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly state: ServerState | undefined;
  readonly is: string;
  readonly behind: string;
  readonly transactions: string;
}

/** The servers of a stack at one time. */
export interface MySqlLook {
  /** The declared primary. */
  readonly primary: string;
  readonly servers: readonly ServerLook[];
  readonly notes: Notes;
  /** Who holds the lease: a controller, or an operator's command. */
  readonly leader: string | undefined;
  /** Of the servers that present a certificate. */
  readonly certificates: ReadonlyMap<string, CertificateEnds>;
}

/** Asks all servers at the same time. @param answerMs how long the state of a server may take; 0: as long as its statements may */
export async function lookAt(
  mysql: Pick<MySqlServers, "topology" | "settings" | "lease">,
  answerMs = 0,
): Promise<MySqlLook> {
  const { topology, settings, lease } = mysql;
  const stateOf = (server: (typeof topology.servers)[number]) =>
    inTime(server.state(), answerMs).catch(() => undefined);
  const certified = Promise.all(
    topology.servers.map(async (server) => [server.name, await server.certificates().catch(() => undefined)] as const),
  );
  const [{ primary }, notes, ...states] = await Promise.all([
    topology.declaration.read(),
    lease.look(),
    ...topology.servers.map(stateOf),
  ]);
  // Read once more, after the others: then it contains what they have from it.
  const index = settings.servers.indexOf(primary);
  const primaryState = states[index] === undefined ? undefined : await stateOf(topology.servers[index]);
  // Otherwise a server that a failover has promoted meanwhile would be one that must not be writable.
  if ((await topology.declaration.read()).primary !== primary) return lookAt(mysql, answerMs);
  return {
    primary,
    notes,
    leader: lease.holderSeen === "" ? undefined : lease.holderSeen,
    certificates: new Map((await certified).filter((pair): pair is [string, CertificateEnds] => pair[1] !== undefined)),
    servers: settings.servers.map((name, at) => {
      const isPrimary = name === primary;
      const state = states[at];
      return { name, isPrimary, state, ...describe(state, isPrimary, primaryState) };
    }),
  };
}

/** When each server had last copied all its binary logs off-site; empty if none copies any. */
export async function copiesOf({
  api,
  settings: { namespace, servers, rotateLogsSeconds },
}: Pick<MySqlServers, "api" | "settings">): Promise<ReadonlyMap<string, CopiedAt>> {
  const copying = rotateLogsSeconds === undefined ? [] : servers;
  return new Map(
    await Promise.all(
      copying.map(
        async (server) => [server, await copiedAt(api, namespace, server).catch((error: Error) => error)] as const,
      ),
    ),
  );
}

/** What a server is, how far behind, and what it has. */
function describe(
  state: ServerState | undefined,
  isPrimary: boolean,
  primary: ServerState | undefined,
): Pick<ServerLook, "is" | "behind" | "transactions"> {
  if (state === undefined) return { is: "! does not answer", behind: "", transactions: "" };
  const { secondsBehind } = state.replica ?? {};
  return {
    is: isPrimary ? (state.writable ? "writable" : "! read-only") : describeReplica(state, primary),
    behind: isPrimary || secondsBehind === undefined ? "" : `${secondsBehind} s`,
    transactions: received(state).toString() || "none",
  };
}

function describeReplica({ writable, executed, replica }: ServerState, primary: ServerState | undefined): string {
  if (writable) return "! writable, and must not be";
  const errant = primary === undefined ? undefined : executed.minus(primary.logged);
  if (errant?.isEmpty === false) return `! has ${errant.size} errant transaction(s): ${errant.toString()}`;
  if (replica === undefined) return "! does not replicate";
  if (replica.applyError !== undefined) return `! cannot apply: ${replica.applyError.message}`;
  if (!replica.connected)
    return `! is not connected to ${replica.source}${replica.receiveError === undefined ? "" : `: ${replica.receiveError.message}`}`;
  return replica.applying ? `replicates from ${replica.source.split(".")[0]}` : "! does not apply";
}
