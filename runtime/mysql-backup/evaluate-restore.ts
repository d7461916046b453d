import type { GtidSet } from "../gtid-set";
import { type BrokenView, brokenViewsText } from "./broken-views";
import { type LoadMode, UNCHANGED } from "./load-plan";
import { lossText, type Primary, usersOf } from "./loss";
import type { Database } from "./statements";

export interface RestoreRequest {
  /** `plan`, `fresh` or `in-place`. */
  readonly mode: string;
  readonly suffix: string;
  /** The primary, host:port. */
  readonly endpoint: string;
  /** What the restore brings back, as readable text. */
  readonly summary: string;
  /** The transactions that are restored. */
  readonly restored: GtidSet;
  /** What is restored. */
  readonly databases: readonly Database[];
  /** What is not restored. */
  readonly brokenViews: readonly BrokenView[];
  /** What the primary answered, or why it did not. */
  readonly primary: Primary | { readonly unreachable: string };
}

export interface Evaluation {
  /** What the operator reads, one line each. */
  readonly report: readonly string[];
  /** Why nothing may be restored. */
  readonly failure?: string;
  /** What to do; undefined if the report is all, or nothing may be restored. */
  readonly mode?: LoadMode;
}

/** Decides if a restore may change the primary, and reports what that would mean. */
export function evaluateRestore(request: RestoreRequest): Evaluation {
  const { mode, endpoint, primary } = request;
  const names = request.databases.map(({ name }) => name);
  const report = [request.summary, `databases: ${names.join(", ")}`];
  if (request.brokenViews.length > 0) report.push(`left out: ${brokenViewsText(request.brokenViews)}`);
  const refuse = (reason: string): Evaluation => ({ report, failure: `${UNCHANGED}: ${reason}` });
  if ("unreachable" in primary) {
    if (mode !== "plan") return refuse(`the primary ${endpoint} does not answer: ${primary.unreachable}`);
    report.push(`lost: not known, as the primary ${endpoint} does not answer`);
    return { report };
  }
  report.push(...lossText(primary, request.restored, names));
  if (mode === "plan") return { report };
  if (mode !== "fresh" && mode !== "in-place") return refuse(`there is no mode ${mode}`);
  if (mode === "fresh" && request.suffix === "")
    return refuse("a fresh restore needs a suffix for the databases' names");
  if (primary.isReadOnly) return refuse(`${endpoint} is read-only: it is not the primary, or was not promoted`);
  const users = mode === "in-place" ? usersOf(primary.sessions, names) : [];
  if (users.length > 0) return refuse(`the databases are in use, stop these clients first: ${users.join(", ")}`);
  return { report, mode };
}

/** The faults of a backup, as the reason why nothing is restored. */
export function faultsText(faults: readonly string[]): string {
  return [`${UNCHANGED}, because of:`, ...faults.map((fault) => `- ${fault}`)].join("\n");
}
