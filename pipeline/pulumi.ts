import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { run } from "../sandbox/exec";
import { checkout } from "../sandbox/paths";

/** Every preview and update of a workflow runs under the policy pack. */
export const POLICIES = ["--policy-pack", "policy-pack", "--suppress-progress"];

/**
 * Runs Pulumi on a stack with the login of the environment. GitHub has secrets as texts only, so the kubeconfig comes as
 * KUBECONFIG_TEXT, and is a file only while Pulumi runs.
 */
export async function pulumi(stack: string, words: readonly string[], echo = true): Promise<string> {
  const { KUBECONFIG_TEXT, ...env } = process.env;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "nacos-platform-pipeline-"));
  try {
    if (KUBECONFIG_TEXT !== undefined && KUBECONFIG_TEXT !== "") {
      env.KUBECONFIG = path.join(folder, "kubeconfig");
      fs.writeFileSync(env.KUBECONFIG, KUBECONFIG_TEXT, { mode: 0o600 });
    }
    return await run("pulumi", [...words, "--stack", stack, "--non-interactive"], { cwd: checkout, env, echo });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
