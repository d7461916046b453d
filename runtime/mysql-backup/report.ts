import * as fs from "node:fs";
import * as path from "node:path";
import { brokenViewsText } from "./broken-views";
import { type Findings, judge } from "./judge";
import { parseCounts, parseManifest } from "./manifest";
import type { Plan } from "./prepare";
import { registryFaults, registryText } from "./registry-file";

/** The result of a verification, as `status.json` on the backup volume keeps it. */
export interface Status {
  readonly state: "proven" | "failed";
  readonly at: string;
  /** Name of the backup; absent if there was none to verify. */
  readonly backup?: string;
  readonly faults: readonly string[];
  readonly ageSeconds?: number;
  readonly bytes?: number;
  readonly tables?: number;
  readonly rows?: number;
  /** Views that the dump lacks, as readable text. */
  readonly brokenViews?: string;
  /** What it has of Nacos' registry, or why it has nothing. */
  readonly registry?: string;
  readonly loadSeconds?: number;
  /** Transactions of binary logs that were applied to the loaded dump, and the latest commit among them. */
  readonly transactions?: number;
  readonly latest?: string;
}

/** Collects the results of all steps in `work`, and evaluates them. */
export function conclusionOf(work: string, now: Date): Status {
  const read = (...name: string[]): string | undefined => {
    const file = path.join(work, ...name);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : undefined;
  };
  const faults = (read("faults") ?? "").split("\n").filter((line) => line !== "");
  const plan = parseIfThere(read("plan.json")) as Plan | undefined;
  if (plan === undefined) {
    return {
      state: "failed",
      at: now.toISOString(),
      backup: read("chosen"),
      faults: faults.length > 0 ? faults : ["nothing was verified: an earlier step left no plan; its log shows why"],
    };
  }
  const manifest = parseManifest(read("backup", "manifest.json") ?? "");
  const counts = read("results", "counts-after");
  const loadSeconds = read("results", "load-seconds");
  const found: Findings = {
    version: read("results", "version"),
    gtids: read("results", "gtids"),
    counts: read("results", "counts"),
    checks: read("results", "checks"),
    gtidsAfter: read("results", "gtids-after"),
    nacosTables: read("results", "nacos-tables"),
    administrators: read("results", "administrators"),
  };
  // The fault is what stopped the restore, not that the restore did not finish.
  const all = faults.length > 0 ? faults : judge(manifest, plan, found);
  const restored = counts === undefined ? undefined : parseCounts(counts);
  return {
    state: all.length === 0 ? "proven" : "failed",
    at: now.toISOString(),
    backup: plan.name,
    faults: all,
    ageSeconds: plan.ageSeconds,
    bytes: manifest.dump.bytes,
    tables: restored?.length,
    rows: restored?.reduce((sum, { rows }) => sum + rows, 0),
    brokenViews: manifest.brokenViews && brokenViewsText(manifest.brokenViews),
    registry: registryText(manifest),
    loadSeconds: loadSeconds === undefined ? undefined : Number(loadSeconds),
    transactions: plan.transactions,
    latest: plan.latest,
  };
}

/** The same of a verification, with the registry. A restore of the databases does without it. */
export async function verificationOf(work: string, now: Date): Promise<Status> {
  const status = conclusionOf(work, now);
  if (status.registry === undefined) return status;
  const found = await registryFaults(path.join(work, "backup"));
  return found.length === 0 ? status : { ...status, state: "failed", faults: [...status.faults, ...found] };
}

/** The result as readable text: one line, or one line for each fault. */
export function statusText(status: Status): string {
  if (status.state === "failed") {
    return [
      `verification failed: ${status.faults.length} fault${status.faults.length === 1 ? "" : "s"}`,
      ...status.faults.map((fault) => `- ${fault}`),
    ].join("\n");
  }
  const logs =
    status.transactions === 0
      ? "no later transaction in the binary logs"
      : `${status.transactions} transactions of binary logs up to ${status.latest}`;
  const lacks = status.brokenViews === undefined ? "" : `, without ${status.brokenViews}`;
  return `backup ${status.backup} restores: ${status.tables} tables, ${status.rows} rows, loaded in ${status.loadSeconds} s, with ${logs}${lacks}; it has ${status.registry}`;
}

/** What a restore of this plan brings back, as readable text. */
export function restoreText(plan: Plan): string {
  const point =
    plan.latest === undefined
      ? `the state of backup ${plan.name}`
      : `backup ${plan.name} and ${plan.transactions} transactions after it, the last of ${plan.latest}`;
  const reach =
    plan.until === undefined || plan.exact
      ? ""
      : `\nnot certain: no copied transaction is later than ${plan.until}; transactions that were committed up to then and not copied are missing`;
  const gap = plan.gap === undefined ? "" : `\nnot certain: ${plan.gap}`;
  const excluded =
    plan.excluded === "" ? "" : `\nnot applied, because the next primary never had them: ${plan.excluded}`;
  return `restores ${point}${reach}${gap}${excluded}`;
}

function parseIfThere(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}
