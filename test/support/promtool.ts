/** Tests of alerts by `promtool test rules`. One process tests all of them. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

/** A sample: a number, what a counter gains every minute, or none. */
type Sample = number | { readonly gains: number } | undefined;

export interface Case {
  readonly alert: string;
  /** What is special about it, if the alert has several cases. */
  readonly title?: string;
  /** Series with one sample for all three phases, or one for each: quiet, firing, quiet again (by default as in the first). */
  readonly series: Readonly<Record<string, Sample | readonly [Sample, Sample] | readonly [Sample, Sample, Sample]>>;
  /** Length of each phase, in minutes. */
  readonly phase: number;
  /** How long the alert has to wait in the second phase. */
  readonly waits: number;
  /** When it fires, in minutes of the second phase; its last minute by default. */
  readonly firesAt?: number;
}

/** Where `make test` puts promtool, if the machine does not have it. */
const FETCHED = join(__dirname, "../../node_modules/.cache/promtool");

function samples(given: Case["series"][string], phase: number): string {
  const phases = Array.isArray(given)
    ? [given[0], given[1], given.length > 2 ? given[2] : given[0]]
    : [given, given, given];
  let counter = 0;
  return phases
    .flatMap((sample: Sample) =>
      Array.from({ length: phase }, () => {
        if (sample === undefined) return "_";
        return typeof sample === "number" ? sample : (counter += sample.gains);
      }),
    )
    .join(" ");
}

/** @returns what promtool says of each case: "" if nothing is wrong. */
export function testRules(rules: Readonly<Record<string, object>>, cases: readonly Case[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "promtool-"));
  try {
    cases.forEach(({ alert, series, phase, waits, firesAt = phase - 1 }, index) => {
      const fires = (minute: number, value: 0 | 1) => ({
        expr: `(count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0) or vector(0)`,
        eval_time: `${minute}m`,
        exp_samples: [{ labels: "{}", value }],
      });
      writeFileSync(
        join(folder, `${index}.rules.yaml`),
        stringify({ groups: [{ name: alert, rules: [rules[alert]] }] }),
      );
      writeFileSync(
        join(folder, `${index}.yaml`),
        stringify({
          rule_files: [`${index}.rules.yaml`],
          evaluation_interval: "1m",
          tests: [
            {
              interval: "1m",
              input_series: Object.entries(series).map(([name, given]) => ({
                series: name,
                values: samples(given, phase),
              })),
              promql_expr_test: [
                fires(phase - 1, 0),
                ...(waits === 0 ? [] : [fires(phase + waits - 1, 0)]),
                fires(phase + firesAt, 1),
                fires(3 * phase - 1, 0),
              ],
            },
          ],
        }),
      );
    });
    const program = existsSync(FETCHED) ? FETCHED : "promtool";
    const files = cases.map((_, index) => join(folder, `${index}.yaml`));
    const { error, stdout, stderr } = spawnSync(program, ["test", "rules", ...files], { encoding: "utf8" });
    if (error !== undefined) throw new Error("promtool is missing: `make test` fetches it", { cause: error });
    const results = stdout.split("Unit Testing:").slice(1);
    return cases.map(({ alert }, index) => {
      if (results[index]?.includes("SUCCESS")) return "";
      const own = stderr.split("FAILED:").filter((part) => part.includes(`\\"${alert}\\"`));
      return own.join("") || stderr;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
