import { run } from "../sandbox/exec";
import { checkout } from "../sandbox/paths";

/** The commit that is checked out. */
export async function commit(): Promise<string> {
  return (await run("git", ["rev-parse", "HEAD"], { cwd: checkout })).trim();
}
