import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { run } from "../sandbox/exec";

/** One measured figure. */
export interface Result {
  figure: string;
  /** What was measured, with its unit. */
  value: string;
  /** The limit that it must not exceed. */
  limit: string;
  /** How it was measured. */
  how: string;
  /** Date of the measurement, YYYY-MM-DD. */
  date: string;
  /** Short ID of the commit that was measured; "+" after it means that the checkout had further changes. */
  commit: string;
}

/** What a measurement returns; date and commit are added when it is recorded. */
export type Measured = Omit<Result, "date" | "commit">;

const file = path.join(__dirname, "figures.json");

/** Replaces older results of the same figure with new ones, and writes figures.json and README.md. */
export async function record(fresh: Measured[]): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  const commit = await measuredCommit();
  const kept = readResults().filter((result) => !fresh.some(({ figure }) => figure === result.figure));
  const results = [...kept, ...fresh.map((result) => ({ ...result, date, commit }))].sort((a, b) =>
    a.figure.localeCompare(b.figure),
  );
  fs.writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  fs.writeFileSync(path.join(__dirname, "README.md"), page(results));
}

/** Results that this run has written already do not count as changes of what is measured. */
async function measuredCommit(): Promise<string> {
  const git = (...args: string[]) => run("git", args, { cwd: __dirname });
  const [commit, changes] = await Promise.all([
    git("rev-parse", "--short", "HEAD"),
    git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":!/bench/README.md", ":!/bench/figures.json"),
  ]);
  return `${commit.trim()}${changes === "" ? "" : "+"}`;
}

function readResults(): Result[] {
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Result[]) : [];
}

function page(results: Result[]): string {
  const memoryGiB = Math.round(os.totalmem() / 2 ** 30);
  return `# Figures

Written by \`make bench\`; \`make bench COLD=1\` measures the cold start too, and \`make bench ONLY=nacos\` only what
Nacos does in a running prod. A time without pairs or a median is of one run. Measured on ${os.cpus().length} cores with ${memoryGiB} GiB of memory.
Two things that are compared ran in turn in the same run; the figure is the median of the ratios.

| Figure | Measured | Limit | How | Date | Commit |
|---|---|---|---|---|---|
${results.map(({ figure, value, limit, how, date, commit }) => `| ${figure} | ${value} | ${limit} | ${how} | ${date} | ${commit} |`).join("\n")}
`;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Seconds that something takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** How long something takes, as text, and how much of the CPUs the machine did not get meanwhile, if it was noticeable. */
export async function timed(work: () => Promise<unknown>): Promise<string> {
  const before = processorTime();
  const taken = await seconds(work);
  const after = processorTime();
  const stolen = (after.stolen - before.stolen) / (after.total - before.total);
  const text = taken < 600 ? inSeconds(taken) : `${(taken / 60).toFixed(1)} min`;
  return stolen < 0.02 ? text : `${text} (the hypervisor withheld ${Math.round(stolen * 100)} % of the CPU time)`;
}

/** Ticks of all CPUs since the start: in all, and those that the hypervisor gave to other machines. */
function processorTime(): { total: number; stolen: number } {
  const ticks = fs.readFileSync("/proc/stat", "utf8").split("\n")[0].split(/\s+/).slice(1, 9).map(Number);
  return { total: ticks.reduce((sum, value) => sum + value, 0), stolen: ticks[7] };
}

/** Seconds as text, to a tenth. */
export function inSeconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

/** Milliseconds as text, to a tenth. */
export function inMilliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

/** The ratio of two times as text, with what they show. */
export function ratio(own: number[], peer: number[], show = inSeconds): string {
  const ratios = own.map((value, index) => value / peer[index]);
  return `${median(ratios).toFixed(2)} × (${show(median(own))} to ${show(median(peer))}, ${own.length} pairs)`;
}
