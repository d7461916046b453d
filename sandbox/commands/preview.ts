import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { requireStack } from "../deploy/overlay";
import { previewTarget } from "../deploy/preview-target";
import { Stack } from "../deploy/stack";
import { platformConfig } from "../deploy/topology";
import { UserError } from "../errors";
import { CommandError } from "../exec";
import { Options } from "../options";
import { ensurePulumi } from "../toolchain/pulumi";

/**
 * Previews a stack under the policy pack as if it were new: without a cluster, without its state and without its secrets. So it
 * runs for everyone, also for a pull request of a fork.
 *
 * @param use receives the plan, if it is needed, and what Pulumi said, instead of the terminal
 */
export async function preview({ stack }: Options, use?: (plan: string, said: string) => void): Promise<void> {
  requireStack(stack);
  platformConfig(stack);
  const tools = await ensurePulumi();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "nacos-platform-preview-"));
  const plan = path.join(folder, "plan.json");
  try {
    const previewed = new Stack(previewTarget(stack, folder, tools), tools, stack);
    await previewed.prepare();
    const said = await previewed
      .pulumi(
        [
          "preview",
          "--non-interactive",
          "--suppress-progress",
          ...(use === undefined ? [] : ["--suppress-outputs", "--save-plan", plan]),
        ],
        { echo: use === undefined },
      )
      .catch((error: unknown) => {
        if (!(error instanceof CommandError)) throw error;
        if (use !== undefined) process.stdout.write(error.output);
        throw new UserError(`stack "${stack}" could not be deployed like this; Pulumi says why above.`);
      });
    use?.(fs.readFileSync(plan, "utf8"), said);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
