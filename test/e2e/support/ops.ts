import { run, waitFor } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { Live } from "./environments";

/** Runs `npm run ops`, as an operator would, and returns what it printed. */
export function ops({ stack }: Live, area: "mysql" | "secrets", command: string, ...words: string[]): Promise<string> {
  return run("npm", ["run", "--silent", "ops", "--", area, command, "--stack", stack.name, ...words], { cwd: checkout, env: stack.environment });
}

/** What the names of restored databases end in, as `mysql restore` said. Fails where it named none: without it they are the living ones'. */
export function restoredSuffix(said: string): string {
  const suffix = /names that end in (_restored_\w+);/.exec(said)?.[1];
  if (suffix === undefined) throw new Error(`no restored databases are named in: ${said}`);
  return suffix;
}

/** Waits until every server is what it is declared to be. */
export function whole(environment: Live): Promise<void> {
  return waitFor("every server to be as declared", 300, () => ops(environment, "mysql", "status").then(() => true, () => false), 1500); // each look costs a second of processor time
}

/** The pod that is declared the primary. */
export function primaryOf({ kubectl, outputs }: Live): Promise<string> {
  return kubectl(["--namespace", outputs.namespace, "get", "service", "mysql", "-o", "jsonpath={.spec.selector.statefulset\\.kubernetes\\.io/pod-name}"]);
}
