import type { PolicyConfigSchema, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { ENVIRONMENTS, type Environment, environmentOf, stackIn } from "./environment";
import { type Exemption, exemptionsSchema } from "./exemption";
import { type Resource, resourceOf, title } from "./resource";
import type { Finding, Rule } from "./rule";
import type { Run } from "./run";

/** What a violation does: it stops, it is only reported, or nothing. */
export type Level = "mandatory" | "advisory" | "off";
export type Levels = Readonly<Record<Environment, Level>>;

type Report = (message: string | { message: string; urn?: string; enforcementLevel: "advisory" }, urn?: string) => void;
type Config = { readonly exempt?: readonly Exemption[]; readonly environment?: Environment } & Record<string, unknown>;

/** The configuration that a rule accepts. */
export function schemaOf({ settings }: Rule): PolicyConfigSchema {
  return {
    properties: {
      exempt: exemptionsSchema,
      environment: {
        type: "string",
        enum: [...ENVIRONMENTS],
        description: "Evaluate as in this environment. Without it, the name of the stack decides.",
      },
      ...settings,
    },
  };
}

/** A rule as Pulumi runs it. It is mandatory there; violations in an environment with another level say so themselves. */
export function policyOf(
  rule: Rule,
  levels: Levels,
  run: Run,
  environmentOfStack = environmentOf,
): ResourceValidationPolicy | StackValidationPolicy {
  const { name, description, severity, remediationSteps, url, tags, resource: check, stack: checkStack } = rule;
  const docs = { name, description, severity, remediationSteps, url, tags: [...tags], configSchema: schemaOf(rule) };

  /** What reports the findings that are not exempt; `undefined` if the rule is off. */
  const reporter = (args: { getConfig<C extends object>(): C }, urn: string, report: Report) => {
    // The CLI fills in the schema's defaults; a pack without configuration receives an empty object.
    const { exempt = [], environment = environmentOfStack(stackIn(urn)), ...settings } = args.getConfig<Config>();
    const level = levels[environment];
    if (level === "off") return undefined;
    const exemptions = run.exemptionsOf(name, exempt);
    return {
      context: { environment, settings, exemptions: run },
      report: (resource: Resource | undefined, found: Finding | string, of?: string) => {
        const finding = typeof found === "string" ? { problem: found } : found;
        if (resource !== undefined && run.isExempt(exemptions, resource, finding)) return;
        const { part, problem, advisory } = finding;
        const where = part === undefined ? "" : `, ${part.kind} "${part.name}"`;
        const message = resource === undefined ? problem : `${title(resource)}${where}: ${problem}`;
        if (level === "mandatory" && advisory !== true) report(message, of);
        else report({ message: `${description}\n${message}`, urn: of, enforcementLevel: "advisory" });
      },
    };
  };

  if (checkStack !== undefined) {
    return {
      ...docs,
      enforcementLevel: "mandatory",
      validateStack: (args, report) => {
        const [first] = args.resources;
        const to = first && reporter(args, first.urn, report as Report);
        if (to === undefined) return;
        for (const finding of checkStack(run.stackOf(args.resources), to.context))
          to.report(finding.resource, finding, finding.resource?.urn);
      },
    };
  }
  return {
    ...docs,
    enforcementLevel: "mandatory",
    validateResource: (args, report) => {
      run.remember(args.urn, args.props);
      const to = check && reporter(args, args.urn, report as Report);
      if (to === undefined) return;
      const resource = resourceOf(args);
      for (const finding of check?.(resource, to.context) ?? []) to.report(resource, finding);
    },
  };
}
