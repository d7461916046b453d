import { type Direction, DIRECTIONS, isolates, rulesOf } from "../../lib/network-policy";
import { at, entries, items, quote, UNKNOWN } from "../../lib/read";
import { title } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";
import type { Linked, Stack } from "../../lib/stack";
import { type Answer, equal, every, same, some } from "../../lib/selector";

const COUNTED = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "pods"];

export const namespaceWalled = onStack(
  {
    name: "namespace-walled",
    severity: "critical",
    description:
      "A namespace is closed before anything runs in it: Pod Security restricted, a NetworkPolicy that denies everything, a quota, and limits for containers.",
    remediationSteps:
      "Label the Namespace with pod-security.kubernetes.io/enforce: restricted, create the NetworkPolicy, ResourceQuota and LimitRange, and let the workloads depend on them.",
    url: "https://kubernetes.io/docs/concepts/security/multi-tenancy/",
    tags: ["security", "nsa"],
  },
  function* (stack): Iterable<StackFinding> {
    for (const resource of stack.all("core/Namespace")) {
      for (const mode of ["enforce", "audit", "warn"]) {
        const label = `pod-security.kubernetes.io/${mode}`;
        const value = at(resource.props, "metadata", "labels", label);
        if (value !== "restricted" && value !== UNKNOWN)
          yield { resource, problem: `label ${label} is ${quote(value)}. Set it to "restricted".` };
      }
      for (const { what, answer, found } of walls(stack, resource)) {
        if (answer === false) yield { resource, problem: `it has no ${what}. Create one.` };
        if (answer === true) yield* earlyOnes(stack, resource, what, found);
      }
    }
  },
);

interface Wall {
  readonly what: string;
  /** Whether the namespace has it. */
  readonly answer: Answer;
  /** The objects that certainly are it. */
  readonly found: readonly Linked[];
}

/** What closes a namespace. */
function walls(stack: Stack, { objectName }: Linked): readonly Wall[] {
  const wall = (what: string, kind: string, isIt: (object: Linked) => Answer): Wall => {
    const all = stack.all(kind).map((object): { readonly object: Linked; readonly answer: Answer } => ({
      object,
      answer: every([same(object.namespace, objectName), isIt(object)]),
    }));
    const found = all.filter(({ answer }) => answer === true).map(({ object }) => object);
    return { what, answer: some(all.map(({ answer }) => answer)), found };
  };
  return [
    ...DIRECTIONS.map((direction) =>
      wall(`NetworkPolicy that denies all ${direction.rules}`, "networking.k8s.io/NetworkPolicy", (policy) =>
        denies(policy, direction),
      ),
    ),
    wall(`ResourceQuota of ${COUNTED.join(", ")}`, "core/ResourceQuota", ({ props }) =>
      every(COUNTED.map((key) => present(at(props, "spec", "hard", key)))),
    ),
    wall("LimitRange with default, defaultRequest and max of containers", "core/LimitRange", ({ props }) =>
      at(props, "spec", "limits") === UNKNOWN ? UNKNOWN : some(items(props, "spec", "limits").map(limits)),
    ),
  ];
}

/** Whether a policy selects every pod, isolates it in a direction and allows nothing. */
function denies(policy: Linked, direction: Direction): Answer {
  const selector = at(policy.props, "spec", "podSelector");
  const rules = rulesOf(policy, direction);
  const terms = [at(selector, "matchLabels"), at(selector, "matchExpressions")];
  const isEmpty = entries(terms[0]).length + items(terms[1]).length === 0;
  return every([
    terms.includes(UNKNOWN) ? UNKNOWN : isEmpty,
    isolates(policy, direction),
    rules === UNKNOWN ? UNKNOWN : rules.length === 0,
  ]);
}

function limits(limit: unknown): Answer {
  const amounts = ["default", "defaultRequest", "max"].map((key) => present(at(limit, key)));
  return every([equal(at(limit, "type"), "Container"), ...amounts]);
}

const present = (value: unknown): Answer => (value === UNKNOWN ? UNKNOWN : value !== undefined);

/** The workloads that may start before a wall stands, because they do not wait for it. */
function* earlyOnes(
  stack: Stack,
  { objectName }: Linked,
  what: string,
  found: readonly Linked[],
): Iterable<StackFinding> {
  for (const resource of stack.workloads.filter(({ namespace }) => namespace === objectName)) {
    const waits = stack.waitsFor(resource.urn);
    if (!found.some(({ urn }) => waits.has(urn)))
      yield { resource, problem: `it may start before the ${what}, ${title(found[0])}. Let it depend on that.` };
  }
}
