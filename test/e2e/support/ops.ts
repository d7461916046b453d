import { run, waitFor } from "../../../sandbox/exec";
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
