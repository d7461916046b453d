/**
 * The words of a preview or an update under the policy pack.
 *
 * @param options of the operator's, which may name packs themselves
 */
export function underPack(
  command: "preview" | "up",
  stack: string,
  options: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  const hasPack =
    environment.PULUMI_OPTION_POLICY_PACK !== undefined || options.some((word) => /^--policy-pack(=|$)/.test(word));
  return ["pulumi", command, "--stack", stack, ...(hasPack ? [] : ["--policy-pack", "policy-pack"]), ...options];
}
