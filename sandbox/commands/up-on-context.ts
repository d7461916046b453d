import { contextTarget } from "../deploy/context-target";
import { requireStack } from "../deploy/overlay";
import { Stack } from "../deploy/stack";
import { Options } from "../options";
import { progress } from "../progress";
import { ensurePulumi } from "../toolchain/pulumi";

/** Deploys a stack to a cluster that exists, which its kubeconfig context names. Starts nothing. */
export async function upOnContext(options: Options, context: string): Promise<void> {
  requireStack(options.stack);
  const tools = await ensurePulumi();
  const target = contextTarget(context, tools);
  progress(`deploying stack "${options.stack}" to context "${context}", cluster ${target.server}, with the state in ${target.backend}`);
  const stack = new Stack(target, tools, options.stack);
  await stack.prepare();
  await stack.up();
  console.log(`\nStack "${options.stack}" is deployed to ${target.server} (context "${context}").`);
}
