import * as fs from "node:fs";
import * as path from "node:path";
import { chooseServer, databasesFault, reportOf, type Role, type ServerReport } from "./choose-server";
import { asFiles, asLines, writeValues } from "./folder";
import { reasonOf, type Query } from "./server";
import {
  BROKEN_VIEWS,
  countRemembered,
  DATABASES,
  LEAVING_OUT,
  LIST_AND_REMEMBER_DATABASES,
  lockAndOpenSnapshot,
  OPEN_SNAPSHOT,
  POSITION,
  READ_ONLY,
  REPLICATION,
  SNAPSHOT_SESSION,
  TRANSACTIONS,
  UNLOCK,
} from "./statements";
import { withoutFraction } from "./retention";
import { removeFolder } from "./volume";

/**
 * How the two snapshots of a backup become the same: `lock` blocks commits for a moment, `quiet` retries until no commit came
 * between.
 */
export type Agreement = "lock" | "quiet";

/** The wait for a long statement must end soon, because every later statement waits behind the lock. */
const LOCK_SECONDS = 5;
const ATTEMPTS: Readonly<Record<Agreement, number>> = { lock: 12, quiet: 100 };

const PLAN_FILE = "plan.json";

/** What the later steps of a backup need to know: in `plan.json`, and for the shell as one file per value in `plan/`. */
export interface DumpPlan {
  /** host:port */
  readonly server: string;
  readonly role: Role;
  readonly agreement: Agreement;
  /** The folder of the backup while it is not complete. */
  readonly folder: string;
  /** ISO 8601, in whole seconds. */
  readonly startedAt: string;
}

export interface DumpPlanRequest {
  /** The folder that the steps share. */
  readonly work: string;
  /** The folder of the backup while it is not complete. It is created again, empty. */
  readonly folder: string;
  /** The servers, each host:port. */
  readonly servers: readonly string[];
  readonly maxLagSeconds: number;
  readonly agreement: Agreement;
  readonly now: Date;
  /** Asks one server; fails if it does not answer. */
  readonly ask: <T>(server: string, questions: (query: Query) => Promise<T>) => Promise<T>;
  readonly say: (line: string) => void;
}

/**
 * Chooses a server and writes what dump.sh runs there.
 *
 * @throws Error if no server is fit, or if its databases cannot be backed up; then nothing was written.
 */
export async function planDump(request: DumpPlanRequest): Promise<void> {
  const { servers, ask } = request;
  const reports = await Promise.all(servers.map((server) => report(server, ask)));
  const { chosen, skipped } = chooseServer(reports, request.maxLagSeconds);
  for (const line of skipped) request.say(line);
  if (chosen === undefined) throw new Error(`no server is fit for a backup (asked: ${servers.join(" ")})`);
  const rows = await ask(chosen.server, (query) => query(DATABASES));
  const fault = databasesFault(
    chosen.server,
    rows.map(({ name }) => String(name)),
  );
  if (fault !== undefined) throw new Error(fault);
  const { agreement, folder, now } = request;
  writeDumpPlan(request.work, { ...chosen, agreement, folder, startedAt: withoutFraction(now) });
  removeFolder(folder);
  fs.mkdirSync(folder);
}

function report(server: string, ask: DumpPlanRequest["ask"]): Promise<ServerReport> {
  return ask(server, async (query) => {
    const [{ readOnly }] = await query(READ_ONLY);
    return reportOf(server, readOnly !== 0, await query(REPLICATION));
  }).catch((error: unknown) => ({ server, state: "unreachable", reason: reasonOf(error) }));
}

/** The same in a later step. @param work the folder that the steps share */
export function readDumpPlan(work: string): DumpPlan {
  return JSON.parse(fs.readFileSync(path.join(work, PLAN_FILE), "utf8")) as DumpPlan;
}

function writeDumpPlan(work: string, plan: DumpPlan): void {
  fs.writeFileSync(path.join(work, PLAN_FILE), JSON.stringify(plan));
  writeValues(path.join(work, "plan"), {
    server: plan.server,
    role: plan.role,
    folder: plan.folder,
    agreement: plan.agreement,
    attempts: String(ATTEMPTS[plan.agreement]),
    "lock-seconds": String(LOCK_SECONDS),
    "mysqldump-options": asLines(dumpOptions(plan.agreement)),
    ...asFiles({
      session: SNAPSHOT_SESSION,
      lock: lockAndOpenSnapshot(LOCK_SECONDS),
      snapshot: OPEN_SNAPSHOT,
      position: POSITION,
      transactions: TRANSACTIONS,
      databases: LIST_AND_REMEMBER_DATABASES,
      "broken-views": BROKEN_VIEWS,
      "leaving-out": LEAVING_OUT,
      counts: countRemembered(),
      unlock: UNLOCK,
    }),
  });
}

/** Options of mysqldump. With a lock it writes the position of its snapshot, which can then be compared with that of the counts. */
function dumpOptions(agreement: Agreement): string[] {
  return [
    "--single-transaction",
    ...(agreement === "lock" ? ["--source-data=2", "--set-gtid-purged=COMMENTED"] : ["--set-gtid-purged=OFF"]),
    "--routines",
    "--triggers",
    "--events",
    "--hex-blob",
    "--no-tablespaces",
    "--max-allowed-packet=1G",
  ];
}
