/** The environments that rules distinguish, from the least strict one to the strictest. */
export const ENVIRONMENTS = ["dev", "test", "prod"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/**
 * The environment of a resource's stack, whose name is the environment, with or without a suffix: "prod", "prod-eu". Any other
 * stack is held to the rules of prod. The URN has the stack's name in every run, also in `pulumi policy analyze`.
 */
export function environmentOf(urn: string): Environment {
  const name = /^urn:pulumi:([^:-]*)/.exec(urn)?.[1];
  return ENVIRONMENTS.find((environment) => environment === name) ?? "prod";
}
