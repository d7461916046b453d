import type { Policies } from "@pulumi/policy";
import { entries } from "./catalogue";
import { exemptionsIn, type ExemptionsFile } from "./configuration";
import { type Environment, environmentOf } from "./lib/environment";
import { policyOf } from "./lib/policy";
import { Run } from "./lib/run";

export interface Options {
  /** Like a file for `--policy-pack-config`: `{ "rule": { "exempt": […] } }`. */
  readonly exemptions?: ExemptionsFile;
  /** Whose levels apply to a stack. Default: that its name begins with, or else prod. */
  readonly environmentOf?: (stack: string) => Environment;
}

/** All rules, for a PolicyPack that the caller creates. An import of this module alone does nothing. */
export function kubernetesPolicies({ exemptions = {}, ...options }: Options = {}): Policies {
  const run = new Run(exemptionsIn(exemptions));
  const environment = options.environmentOf ?? environmentOf;
  return entries.map(({ rule, levels }) => policyOf(rule, levels, run, environment));
}
