import { certificateProblems, type CertificateEnds } from "../../../runtime/mysql-controller/certificates";
import { validity } from "../../mysql/commands/status";
import { problem, type Found } from "../check";
import { ofOwnMySql } from "./external";

export function evaluateCertificates(ends: ReadonlyMap<string, CertificateEnds>, now: number): Found {
  if (ends.size === 0) throw new Error("no server presents a certificate");
  return {
    summary: validity(ends),
    problems: certificateProblems(ends, now).map((line) =>
      problem(
        line.includes(" expired ") ? "escalate" : "watch",
        line,
        "pulumi up; docs/runbooks/mysql-certificates.md",
      ),
    ),
  };
}

export const certificates = ofOwnMySql("certificates", async (world) =>
  evaluateCertificates((await world.mysql()).certificates, world.now),
);
