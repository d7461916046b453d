/** The environments that rules distinguish, from the least strict one to the strictest. */
export const ENVIRONMENTS = ["dev", "test", "prod"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** The name of a resource's stack. The URN has it in every run, also in `pulumi policy analyze`. */
export function stackIn(urn: string): string {
  return /^urn:pulumi:([^:]*)/.exec(urn)?.[1] ?? "";
}

/** The environment of a stack, whose name is that, with or without a suffix: "prod", "prod-eu". Any other is held to prod. */
export function environmentOf(stack: string): Environment {
  const [name] = stack.split("-");
  return ENVIRONMENTS.find((environment) => environment === name) ?? "prod";
}
