/**
 * How a program knows that the policy pack evaluates it: the program registers a resource of this name, and the pack replaces
 * its input. Nothing else of a preview or an update tells the program which packs run.
 */
export const EVALUATION = {
  type: "pulumi:index:Stash",
  name: "policies",
  pending: "not evaluated",
  by: "nacos-platform",
};
