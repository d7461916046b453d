import { columns } from "../../columns";
import { command } from "../../command";
import { certificateProblems, type CertificateEnds } from "../../../runtime/mysql-controller/certificates";
import { shippingProblems } from "../../../runtime/mysql-controller/shipping";
import { copiesOf, lookAt } from "../look";
import { withServers } from "./servers";

export const statusCommand = command({
  summary: "show which server is the primary, which are replicas, and what is wrong",
  run: ({ stack }) =>
    withServers(stack, async (stackServers) => {
      const { failover, semiSync } = stackServers.settings;
      const [{ servers, notes, leader, certificates }, copies] = await Promise.all([
        lookAt(stackServers),
        copiesOf(stackServers),
      ]);
      const rows = servers.map(({ name, isPrimary, is, behind, transactions }) => [
        name,
        isPrimary ? "primary" : "replica",
        is,
        behind,
        transactions,
      ]);
      console.log(columns([["SERVER", "DECLARED", "IS", "BEHIND", "TRANSACTIONS"], ...rows]));
      console.log(`\nfailover: ${failover}, semi-synchronous commits: ${semiSync}`);
      console.log(
        `leads: ${leader ?? "nobody; the controller is not running"}${notes.paused === undefined ? "" : `, paused ${notes.paused}`}`,
      );
      if (notes["last-failover"] !== undefined) console.log(`last failover: ${notes["last-failover"]}`);
      const problems = [...certificateProblems(certificates, Date.now()), ...shippingProblems(copies, Date.now())];
      console.log(`certificates: ${validity(certificates)}`);
      for (const problem of problems) console.log(`! ${problem}`);
      const wrong = servers.filter(({ is }) => is.includes("!"));
      if (wrong.length + problems.length > 0) process.exitCode = 1;
    }),
});

/** When the first of the servers' certificates expires, and the first CA that signed one. */
export function validity(certificates: ReadonlyMap<string, CertificateEnds>): string {
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
