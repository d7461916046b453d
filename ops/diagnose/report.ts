import { columns } from "../columns";
import { VERDICTS, worst, type Problem, type Result, type Verdict } from "./check";

/** What the operator does about a severity. */
const MEANING: Readonly<Record<Verdict, string>> = {
  ok: "nothing to do",
  unknown: "something could not be read, and may hide a problem",
  watch: "one pod or a warning: the service continues, fix it in working hours",
  escalate: "an incident: call whoever is on duty, and follow the runbooks above from the worst verdict",
  stop: "data is at risk: no update, no restart and no deletion until that is fixed",
};

/** How the command ends. 1 and 2 are errors of the command itself. */
const STATUS: Readonly<Record<Verdict, number>> = { ok: 0, unknown: 3, watch: 4, escalate: 5, stop: 6 };

export interface Diagnosis {
  readonly stack: string;
  readonly namespace: string;
  /** ISO 8601. */
  readonly time: string;
  readonly severity: Verdict;
  readonly status: number;
  readonly checks: readonly Result[];
}

/** Puts the results together. @param context of the kubeconfig */
export function diagnosis(
  { stack, namespace }: { readonly stack: string; readonly namespace: string },
  context: string,
  now: number,
  results: readonly Result[],
): Diagnosis {
  const complete = (fix: string): string =>
    fix
      .replaceAll(/\bkubectl /g, `kubectl --context ${context} --namespace ${namespace} `)
      .replaceAll(/\bops ([a-z]+ [a-z]+)/g, `npm run ops -- $1 --stack ${stack}`);
  const severity = worst(results.map(({ verdict }) => verdict));
  return {
    stack,
    namespace,
    time: new Date(now).toISOString(),
    severity,
    status: STATUS[severity],
    checks: results.map(({ problems, ...result }) => ({
      ...result,
      problems: problems.map((one) => ({ ...one, fix: complete(one.fix) })),
    })),
  };
}

/** The same problem of several checks, as one. */
function together(checks: readonly Result[]): (Problem & { readonly names: string[] })[] {
  const found = new Map<string, Problem & { readonly names: string[] }>();
  for (const { name, problems } of checks)
    for (const problem of problems) {
      const key = JSON.stringify(problem);
      found.set(key, { ...problem, names: [...(found.get(key)?.names ?? []), name] });
    }
  return [...found.values()];
}

/** A line for each check, then the problems, the worst first, further lines, and the severity. */
export function text({ stack, namespace, time, severity, status, checks }: Diagnosis): string {
  const problems = together(checks).sort((a, b) => VERDICTS.indexOf(b.verdict) - VERDICTS.indexOf(a.verdict));
  return [
    `stack ${stack}, namespace ${namespace}, ${time}`,
    "",
    columns([["CHECK", "VERDICT", "READ"], ...checks.map(({ name, verdict, summary }) => [name, verdict, summary])]),
    "",
    ...problems.flatMap(({ names, verdict, reason, fix }) => [
      `${verdict}: ${names.join(", ")}: ${reason}`,
      `  fix: ${fix}`,
    ]),
    ...checks.flatMap(({ lines = [] }) => lines),
    `severity: ${severity} (exit status ${status}): ${MEANING[severity]}`,
  ].join("\n");
}
