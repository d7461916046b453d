import type { Severity } from "@pulumi/policy";
import type { Environment } from "./environment";
import type { Exemption } from "./exemption";
import { groupKind, type Resource } from "./resource";
import type { JsonSchema } from "./schema";
import type { Stack } from "./stack";
import { type Container, containersOf, type Workload, workloadOf } from "./workload";

/** What is wrong with a resource, or with one of its containers, volumes, keys or the like. */
export interface Finding {
  readonly part?: { readonly kind: string; readonly name: string };
  readonly problem: string;
  /** Reported, but never a reason to stop. */
  readonly advisory?: boolean;
}

export interface StackFinding extends Finding {
  /** Absent if the problem is in no single resource. */
  readonly resource?: Resource;
}

export interface RuleDocs {
  readonly name: string;
  readonly severity: Severity;
  /** What the rule demands, and why. */
  readonly description: string;
  readonly remediationSteps: string;
  readonly url: string;
  readonly tags: readonly string[];
  /** JSON schema of what the rule can be given in addition to exemptions. */
  readonly settings?: Readonly<Record<string, JsonSchema>>;
}

/** Where a rule runs. */
export interface Context {
  readonly environment: Environment;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly exemptions: ExemptionLog;
}

/** An exemption of a rule that has run. */
export interface Seen {
  readonly rule: string;
  readonly exemption: Exemption;
  /** Whether it is the pack's. The others are from the configuration. */
  readonly isBuiltIn: boolean;
  /** How many findings it has covered. */
  count: number;
}

export interface ExemptionLog {
  /** As "2027-01-31". */
  readonly today: string;
  readonly allSeen: readonly Seen[];
}

/**
 * A rule, which evaluates one resource at a time or a complete stack. It yields a problem only if it is certain: a value that
 * is not known at preview never causes one.
 */
export interface Rule extends RuleDocs {
  readonly resource?: (resource: Resource, context: Context) => Iterable<Finding | string>;
  readonly stack?: (stack: Stack, context: Context) => Iterable<StackFinding>;
}

/** A rule on resources of these kinds, for example "core/Service". */
export function onKinds(
  docs: RuleDocs,
  kinds: readonly string[],
  check: (resource: Resource, context: Context) => Iterable<Finding | string>,
): Rule {
  return {
    ...docs,
    resource: (resource, context) => (kinds.includes(groupKind(resource)) ? check(resource, context) : []),
  };
}

/** A rule on everything that creates pods. */
export function onPods(
  docs: RuleDocs,
  check: (workload: Workload, context: Context) => Iterable<Finding | string>,
): Rule {
  return {
    ...docs,
    resource: (resource, context) => {
      const workload = workloadOf(resource);
      return workload === undefined ? [] : check(workload, context);
    },
  };
}

/** A rule on every container of everything that creates pods. */
export function onContainers(
  docs: RuleDocs,
  check: (container: Container, workload: Workload, context: Context) => Iterable<string>,
): Rule {
  return onPods(docs, function* (workload, context) {
    for (const container of containersOf(workload)) {
      for (const problem of check(container, workload, context)) yield { part: container, problem };
    }
  });
}

/** A rule on the security settings of every container, none of which exists on Windows. */
export function onLinuxContainers(
  docs: RuleDocs,
  check: (container: Container, workload: Workload, context: Context) => Iterable<string>,
): Rule {
  return onContainers(docs, (container, workload, context) =>
    workload.onWindows ? [] : check(container, workload, context),
  );
}

/** A rule on a complete stack. */
export function onStack(docs: RuleDocs, check: (stack: Stack, context: Context) => Iterable<StackFinding>): Rule {
  return { ...docs, stack: check };
}
