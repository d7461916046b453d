import { shippingProblems } from "../../../runtime/mysql-controller/shipping";
import { copiesOf } from "../../mysql/look";
import { problem, type Found } from "../check";
import { ofOwnMySql } from "./external";

/** What is committed is nowhere else until its binary log is copied. @param copied when each server had last copied everything, if known */
export function evaluateBinlogs(copied: ReadonlyMap<string, number | undefined>, now: number): Found {
  return {
    summary: copied.size === 0 ? "not copied off-site" : `copied off-site by ${copied.size} servers`,
    problems: shippingProblems(copied, now).map((line) => problem("watch", line, "docs/runbooks/mysql-backup.md")),
  };
}

export const binlogs = ofOwnMySql("binlogs", async (world) =>
  evaluateBinlogs(await copiesOf(await world.mysqlServers()), world.now),
);
