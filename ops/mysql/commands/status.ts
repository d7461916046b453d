import { columns } from "../../columns";
import { command } from "../../command";
import { certificateProblems, type CertificateEnds } from "../../../runtime/mysql-controller/certificates";
import { copiedAt, shippingProblems } from "../../../runtime/mysql-controller/shipping";
import { received, type ServerState } from "../../../runtime/mysql-controller/server";
import { withServers } from "./servers";

export const statusCommand = command({
  summary: "show which server is the primary, which are replicas, and what is wrong",
  run: ({ stack }) =>
    withServers(stack, async ({ topology, settings, lease, api }) => {
      const copying = settings.rotateLogsSeconds === undefined ? [] : settings.servers;
      const copies = Promise.all(
        copying.map(async (server) => [server, await copiedAt(api, settings.namespace, server)] as const),
      );
      const looks = Promise.all(
        topology.servers.map(
          async (server) => [server.name, await server.certificates().catch(() => undefined)] as const,
        ),
      );
      const [{ primary }, notes, ...states] = await Promise.all([
        topology.declaration.read(),
        lease.look(),
        ...topology.servers.map((server) => server.stateIfUp()),
      ]);
      const certificates = new Map(
        (await looks).filter((look): look is [string, CertificateEnds] => look[1] !== undefined),
      );
      // Read once more, after the others: then it contains what they have from it.
      const primaryState = await topology.servers[settings.servers.indexOf(primary)]?.stateIfUp();
      const rows = settings.servers.map((name, index) => [
        name,
        name === primary ? "primary" : "replica",
        ...describe(states[index], name === primary, primaryState),
      ]);
      console.log(columns([["SERVER", "DECLARED", "IS", "BEHIND", "TRANSACTIONS"], ...rows]));
      console.log(`\nfailover: ${settings.failover}, semi-synchronous commits: ${settings.semiSync}`);
      console.log(
        `leads: ${lease.holderSeen === undefined || lease.holderSeen === "" ? "nobody; the controller is not running" : lease.holderSeen}${notes.paused === undefined ? "" : `, paused ${notes.paused}`}`,
      );
      if (notes["last-failover"] !== undefined) console.log(`last failover: ${notes["last-failover"]}`);
      const problems = [
        ...certificateProblems(certificates, Date.now()),
        ...shippingProblems(new Map(await copies), Date.now()),
      ];
      console.log(`certificates: ${validity(certificates)}`);
      for (const problem of problems) console.log(`! ${problem}`);
      const wrong = rows.filter((row) => row[2].includes("!"));
      if (wrong.length + problems.length > 0) process.exitCode = 1;
    }),
});

/** What a server is, how far behind, and what it has. An exclamation mark is a problem. */
function describe(state: ServerState | undefined, isPrimary: boolean, primary: ServerState | undefined): string[] {
  if (state === undefined) return ["! does not answer", "", ""];
  const transactions = received(state).toString() || "none";
  if (isPrimary) return [state.writable ? "writable" : "! read-only", "", transactions];
  const { replica } = state;
  const errant = primary === undefined ? undefined : state.executed.minus(primary.logged);
  const behind = replica?.secondsBehind === undefined ? "" : `${replica.secondsBehind} s`;
  if (state.writable) return ["! writable, and must not be", behind, transactions];
  if (errant?.isEmpty === false)
    return [`! has ${errant.size} errant transaction(s): ${errant.toString()}`, behind, transactions];
  if (replica === undefined) return ["! does not replicate", behind, transactions];
  if (replica.applyError !== undefined) return [`! cannot apply: ${replica.applyError.message}`, behind, transactions];
  if (!replica.connected)
    return [
      `! is not connected to ${replica.source}${replica.receiveError === undefined ? "" : `: ${replica.receiveError.message}`}`,
      behind,
      transactions,
    ];
  return [
    replica.applying ? `replicates from ${replica.source.split(".")[0]}` : "! does not apply",
    behind,
    transactions,
  ];
}

/** When the first of the servers' certificates expires, and the first CA that signed one. */
function validity(certificates: ReadonlyMap<string, CertificateEnds>): string {
  const first = (ends: readonly (Date | undefined)[]): string =>
    ends
      .filter((end) => end !== undefined)
      .map((end) => end.toISOString().slice(0, 10))
      .sort()
      .at(0) ?? "unknown";
  const ends = [...certificates.values()];
  return ends.length === 0
    ? "no server presents any"
    : `the servers' expire on ${first(ends.map(({ server }) => server))}, their CA's on ${first(ends.map(({ ca }) => ca))}`;
}
