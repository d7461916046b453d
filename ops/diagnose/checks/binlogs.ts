import { type CopiedAt, shippingProblems } from "../../../runtime/mysql-controller/shipping";
import { copiesOf } from "../../mysql/look";
import { problem, type Found, UNREADABLE } from "../check";
import { ofOwnMySql } from "./external";

/** What is committed is nowhere else until its binary log is copied. @param copied when each server had last copied everything */
export function evaluateBinlogs(copied: ReadonlyMap<string, CopiedAt>, now: number): Found {
  const problems = [...copied].flatMap((one) =>
    shippingProblems(new Map([one]), now).map((line) =>
      one[1] instanceof Error
        ? problem("unknown", line, UNREADABLE)
        : problem("watch", line, "docs/runbooks/mysql-status.md"),
    ),
  );
  const summary = `copied off-site by ${copied.size - problems.length} of ${copied.size} servers`;
  return { summary: copied.size === 0 ? "not copied off-site" : summary, problems };
}

export const binlogs = ofOwnMySql("binlogs", async (world) =>
  evaluateBinlogs(await copiesOf(await world.mysqlServers()), world.now),
);
