import { GtidSet } from "../gtid-set";
import { type Manifest, parseCounts, type TableCount } from "./manifest";
import type { Plan } from "./prepare";

/** What prove.sh found in the scratch instance, as it wrote it. A text is undefined if its step was not reached. */
export interface Findings {
  readonly version?: string;
  /** Transactions after the dump was loaded. */
  readonly gtids?: string;
  /** One JSON object per line, after the dump was loaded. */
  readonly counts?: string;
  /** What CHECK TABLE answered, at the end. */
  readonly checks?: string;
  /** Transactions at the end, including those that were excluded from being applied. */
  readonly gtidsAfter?: string;
  readonly nacosTables?: string;
  readonly administrators?: string;
}

/** Compares what was restored with the backup's manifest. One text per fault; none: the backup restores. */
export function judge(manifest: Manifest, plan: Plan, found: Findings): string[] {
  const { version, gtids, counts, checks, gtidsAfter } = found;
  if (
    version === undefined ||
    gtids === undefined ||
    counts === undefined ||
    checks === undefined ||
    gtidsAfter === undefined
  ) {
    return ["the restore did not finish; the log of container prove shows why"];
  }
  return [
    ...judgeVersion(manifest, version),
    ...judgeCounts(manifest.tables, parseCounts(counts)),
    ...judgeChecks(checks),
    ...judgeGtids(`after loading the dump`, gtids, GtidSet.parse(manifest.gtidExecuted)),
    ...judgeGtids(
      `after applying the binary logs`,
      gtidsAfter,
      GtidSet.parse(plan.target).union(GtidSet.parse(plan.excluded)),
    ),
    ...judgeNacos(manifest, found),
  ];
}

/** An older server may refuse the dump of a newer one. A newer server is allowed: that is what an upgrade leads to. */
function judgeVersion({ server }: Manifest, version: string): string[] {
  const [made, here] = [series(server.version), series(version)];
  const older = here[0] < made[0] || (here[0] === made[0] && here[1] < made[1]);
  return older
    ? [`the backup was made by MySQL ${server.version}, and is verified with ${version}, which is older`]
    : [];
}

function series(version: string): [number, number] {
  const [major, minor] = version.split(".").map(Number);
  return [major, minor];
}

function judgeCounts(expected: readonly TableCount[], found: readonly TableCount[]): string[] {
  const key = ({ database, table }: TableCount): string => `${database}.${table}`;
  const rows = new Map(found.map((count) => [key(count), count.rows]));
  const known = new Set(expected.map(key));
  return [
    ...expected.flatMap((count) => {
      const here = rows.get(key(count));
      if (here === undefined) return [`the table ${key(count)} is missing after the restore`];
      return here === count.rows
        ? []
        : [`the table ${key(count)} has ${here} rows after the restore; it had ${count.rows} when the backup was made`];
    }),
    ...found
      .filter((count) => !known.has(key(count)))
      .map((count) => `the table ${key(count)} was restored, but is not in the manifest`),
  ];
}

/** Lines of table, "check", kind of message, message. */
function judgeChecks(checks: string): string[] {
  return checks
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const [table, , kind, message] = line.split("\t");
      // An engine that cannot be checked reports that in a note.
      return kind === "note" || (kind === "status" && message === "OK") ? [] : [`CHECK TABLE ${table}: ${message}`];
    });
}

function judgeGtids(when: string, found: string, expected: GtidSet): string[] {
  const set = GtidSet.parse(found);
  if (set.equals(expected)) return [];
  return [`${when} the server holds the transactions "${set.toString()}" instead of "${expected.toString()}"`];
}

function judgeNacos({ databases }: Manifest, { nacosTables, administrators }: Findings): string[] {
  if (!databases.includes("nacos")) return ["the backup has no database nacos"];
  if (nacosTables !== "3") return ["the database nacos lacks tables of Nacos (config_info, users, roles)"];
  return Number(administrators ?? 0) > 0 ? [] : ["no administrator of Nacos is in the restored database"];
}
