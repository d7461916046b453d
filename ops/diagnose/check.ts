import { inTime } from "../../runtime/mysql-controller/server";
import { describe } from "../report";
import type { World } from "./world";

/** From the best to the worst. What could not be read is worse than what is healthy, and better than what is known to be wrong. */
export const VERDICTS = ["ok", "unknown", "watch", "escalate", "stop"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Something that is wrong, or could not be read. */
export interface Problem {
  readonly verdict: Exclude<Verdict, "ok">;
  readonly reason: string;
  /** The command or the runbook that fixes it. `kubectl` and `ops` stand for the complete commands. */
  readonly fix: string;
}

/** What a check has read. */
export interface Found {
  /** In one line, also if nothing is wrong. */
  readonly summary: string;
  readonly problems: readonly Problem[];
  /** Further lines for the end of the report. */
  readonly lines?: readonly string[];
}

/** One check. It only reads. */
export interface Check {
  readonly name: string;
  look(world: World): Promise<Found>;
}

export interface Result extends Found {
  readonly name: string;
  readonly verdict: Verdict;
}

/** What to do if a check cannot be read. */
export const UNREADABLE = "docs/runbooks/diagnose.md#unknown";

export function problem(verdict: Problem["verdict"], reason: string, fix: string): Problem {
  return { verdict, reason, fix };
}

/** One of them is to be watched, several are an incident. */
export function watchOne(problems: readonly Omit<Problem, "verdict">[]): Problem[] {
  return problems.map((one) => ({ ...one, verdict: problems.length > 1 ? "escalate" : "watch" }));
}

export function worst(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS[Math.max(0, ...verdicts.map((verdict) => VERDICTS.indexOf(verdict)))];
}

/** Runs a check within its time. What cannot be read is unknown, and hides nothing else. */
export async function run(check: Check, world: World, limitMs: number): Promise<Result> {
  const { name } = check;
  try {
    const found = await inTime(check.look(world), limitMs);
    return { name, verdict: worst(found.problems.map(({ verdict }) => verdict)), ...found };
  } catch (error) {
    const reason = describe(error);
    return { name, verdict: "unknown", summary: "cannot be read", problems: [problem("unknown", reason, UNREADABLE)] };
  }
}
