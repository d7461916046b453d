import * as pulumi from "@pulumi/pulumi";
import type { ErrorCode } from "../contract/error-codes";
import { OUTPUTS_VERSION, type PlatformOutputs } from "../contract/outputs";
import { UpdateRefusal } from "../kube/update-refusal";

const OUTPUTS: readonly (keyof PlatformOutputs)[] = [
  "version",
  "namespace",
  "kubeContext",
  "nacos",
  "mysql",
  "secrets",
];
const OPTIONAL: readonly (keyof PlatformOutputs)[] = ["dns"];

/**
 * The outputs of the platform's stack.
 *
 * @param stack its full name
 * @throws UpdateRefusal, before anything is created, if the backend has no such stack, or its outputs are not those of this release.
 */
export async function platformOutputs(stack: string): Promise<PlatformOutputs> {
  await requireStack(stack);
  const reference = new pulumi.StackReference("platform", { name: stack });
  const entries = await Promise.all(
    [...OUTPUTS, ...OPTIONAL].map(
      async (name) => [name, (await reference.getOutputDetails(name)).value as unknown] as const,
    ),
  );
  const missing = entries
    .filter(([name, value]) => OUTPUTS.includes(name) && (value === undefined || value === null))
    .map(([name]) => name);
  const outputs = Object.fromEntries(entries) as unknown as PlatformOutputs;
  const problem = outputsProblem(stack, outputs.version, missing);
  if (problem !== undefined) throw problem;
  return outputs;
}

/** What is wrong with the outputs of a platform's stack, or undefined. @param missing names of the missing outputs */
export function outputsProblem(
  stack: string,
  version: number | undefined,
  missing: readonly string[],
): UpdateRefusal | undefined {
  const refusal = (code: ErrorCode, message: string) => new UpdateRefusal(code, `stack ${stack} ${message}`);
  const needed = `outputs of version ${OUTPUTS_VERSION} are needed`;
  if (missing.length === OUTPUTS.length)
    return refusal(
      "TENANTS_PLATFORM_NOT_DEPLOYED",
      `has no outputs, and ${needed}. Deploy the platform first: pulumi up, in its folder`,
    );
  if (version === undefined || version < OUTPUTS_VERSION)
    return refusal(
      "TENANTS_PLATFORM_OUTDATED",
      `has outputs of ${version === undefined ? "a release without versions" : `version ${version}`}, and ${needed}. Update the platform first: pulumi up, in its folder`,
    );
  if (version > OUTPUTS_VERSION)
    return refusal(
      "TENANTS_PLATFORM_NEWER",
      `has outputs of version ${version}, and ${needed}. A newer release has deployed the platform: use that release here as well`,
    );
  return missing.length === 0
    ? undefined
    : refusal(
        "TENANTS_PLATFORM_OUTDATED",
        `lacks ${missing.length === 1 ? "output" : "outputs"} ${missing.join(", ")} of version ${OUTPUTS_VERSION}. Update the platform first: pulumi up, in its folder`,
      );
}

/** Checks that the stack exists: a StackReference to a missing stack ends the program without a remedy. */
async function requireStack(name: string): Promise<void> {
  await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }).catch((error: unknown) => {
    throw new UpdateRefusal(
      "TENANTS_PLATFORM_UNREADABLE",
      `the platform's stack ${name} cannot be read (${(error as Error).message.replace(/^invocation of .* returned an error: /, "")}). Deploy the platform first, or name another stack of it: pulumi config set ${pulumi.getProject()}:platform ORGANIZATION/PROJECT/STACK`,
    );
  });
}
