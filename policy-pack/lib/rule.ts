import type { PolicyConfigSchema, ResourceValidation } from "@pulumi/policy";
import { at, text, UNKNOWN } from "./read";

/** The Kubernetes object that a rule evaluates. */
export interface Subject {
  kind: string;
  /** "default" if the object names none, as in Kubernetes. */
  namespace: string;
  name: string;
}

/** What is wrong with a subject, or with one of its containers, claims or keys. */
export interface Finding {
  part?: { kind: string; name: string };
  problem: string;
}

// No Kubernetes name can look like this.
const NOT_YET_KNOWN = "(unknown)";

/** The configuration that every policy of the pack accepts. */
export const configSchema: PolicyConfigSchema = {
  properties: {
    exempt: {
      type: "array",
      description:
        'Objects that the rule ignores: "namespace/name", or "namespace/name/part" for one container, claim or ConfigMap key.',
      items: { type: "string", pattern: "^[^/]+/[^/]+(/[^/]+)?$" },
      uniqueItems: true,
      default: [],
    },
  },
};

/** Subject of a resource: its Kubernetes name, or the Pulumi name if Kubernetes chooses one. */
export function subjectOf(kind: string, props: unknown, pulumiName: string): Subject {
  const metadata = at(props, "metadata");
  const read = (field: string, fallback: string) =>
    at(metadata, field) === UNKNOWN ? NOT_YET_KNOWN : (text(metadata, field) ?? fallback);
  return { kind, namespace: read("namespace", "default"), name: read("name", pulumiName) };
}

/** A validation that finds the subject of a resource, if the rule applies to it, and reports what `check` yields. */
export function judge<T extends Subject>(
  find: (type: string, props: unknown, pulumiName: string) => T | undefined,
  check: (subject: T) => Iterable<Finding>,
): ResourceValidation {
  return (args, reportViolation) => {
    const subject = find(args.type, args.props, args.name);
    if (subject) report(subject, check(subject), args, reportViolation);
  };
}

/** Reports the findings that are not exempt. */
export function report(
  subject: Subject,
  findings: Iterable<Finding>,
  args: { getConfig<C extends object>(): C },
  reportViolation: (message: string, urn?: string) => void,
  urn?: string,
): void {
  // The CLI fills in the schema's default; a pack without configuration receives an empty object.
  const { exempt = [] } = args.getConfig<{ exempt?: string[] }>();
  for (const { part, problem } of findings) {
    if (exempt.some((entry) => covers(entry, subject, part?.name))) continue;
    const where = part ? `, ${part.kind} "${part.name}"` : "";
    reportViolation(`${subject.kind} ${subject.namespace}/${subject.name}${where}: ${problem}`, urn);
  }
}

// A name that is unknown at preview may later be the exempt one, so it is no violation yet.
function covers(entry: string, subject: Subject, part: string | undefined): boolean {
  const [namespace, name, onlyPart] = entry.split("/");
  const same = (wanted: string, found: string) => found === NOT_YET_KNOWN || found === wanted;
  return (
    same(namespace, subject.namespace) && same(name, subject.name) && (onlyPart === undefined || onlyPart === part)
  );
}
