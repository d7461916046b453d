import * as path from "node:path";
import { run } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import type { Live } from "./environments";
import { changeSettings, type Settings } from "./stack-file";

/** `pulumi up` of a stack with a changed configuration; its stack file stays as it is. */
export function upChanged(environment: Live, change: (config: Settings) => void): Promise<string> {
  return pulumiChanged(environment, change, ["up", "--yes", "--skip-preview", "--suppress-progress"]);
}

/** `pulumi preview` of the same. */
export function previewChanged(environment: Live, change: (config: Settings) => void): Promise<string> {
  return pulumiChanged(environment, change, ["preview", "--diff"]);
}

/** `pulumi up` that reads the cluster first. */
export function upRefreshed({ stack }: Live): Promise<string> {
  return stack.pulumi(["up", "--refresh", "--yes", "--skip-preview", "--non-interactive", "--suppress-progress"]);
}

/** Any Pulumi command with a changed configuration. */
export function pulumiChanged(
  { stack }: Live,
  change: (config: Settings) => void,
  args: readonly string[],
): Promise<string> {
  const changed = path.join(stack.target.dir, "Pulumi.changed.yaml");
  changeSettings(stack.configFile, change, changed);
  return run("pulumi", [...args, "--non-interactive"], {
    cwd: checkout,
    env: { ...stack.environment, PULUMI_OPTION_CONFIG_FILE: changed },
  });
}
