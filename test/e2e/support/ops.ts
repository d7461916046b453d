import type { Diagnosis } from "../../../ops/diagnose/report";
import { CommandError, run, waitFor } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { Live } from "./environments";

/** Runs `npm run ops`, as an operator would, and returns what it printed. */
export function ops(
  { stack }: Live,
  area: "mysql" | "nacos" | "secrets" | "stack",
  command: string,
  ...words: string[]
): Promise<string> {
  return run("npm", ["run", "--silent", "ops", "--", area, command, "--stack", stack.name, ...words], {
    cwd: checkout,
    env: stack.environment,
  });
}

/** What `npm run ops -- diagnose` reports, and how long it took. @throws if it is not the report that its status says */
export async function diagnose({ stack }: Live): Promise<Diagnosis & { seconds: number }> {
  const begun = Date.now();
  const args = ["run", "--silent", "ops", "--", "diagnose", "--json", "--stack", stack.name];
  const [status, said] = await run("npm", args, { cwd: checkout, env: stack.environment }).then(
    (output) => [0, output] as const,
    (error: unknown) => {
      if (error instanceof CommandError) return [error.status, error.output] as const;
      throw error;
    },
  );
  const seconds = (Date.now() - begun) / 1000;
  // After the report there may be errors of tunnels.
  const found = JSON.parse(said.slice(0, said.lastIndexOf("\n}") + 2)) as Diagnosis;
  if (found.status !== status) throw new Error(`it ended with ${status}: ${said}`);
  return { ...found, seconds };
}

/** The problems of a report, one line each. */
export function problemsOf({ checks }: Diagnosis): string[] {
  return checks.flatMap(({ name, problems }) =>
    problems.map(({ verdict, reason }) => `${verdict}: ${name}: ${reason}`),
  );
}

/** The suffix of restored databases' names, as `mysql restore` printed it. Throws if there is none: those would be the live databases. */
export function restoredSuffix(said: string): string {
  const suffix = /names that end in (_restored_\w+);/.exec(said)?.[1];
  if (suffix === undefined) throw new Error(`no restored databases are named in: ${said}`);
  return suffix;
}

/** Waits until every server is as declared. */
export function whole(environment: Live): Promise<void> {
  return waitFor(
    "every server to be as declared",
    300,
    () =>
      ops(environment, "mysql", "status").then(
        () => true,
        () => false,
      ),
    1500,
  ); // each call costs a second of CPU time
}

/** The pod that is declared the primary. */
export function primaryOf({ kubectl, outputs }: Live): Promise<string> {
  return kubectl([
    "--namespace",
    outputs.namespace,
    "get",
    "service",
    "mysql",
    "-o",
    "jsonpath={.spec.selector.statefulset\\.kubernetes\\.io/pod-name}",
  ]);
}
