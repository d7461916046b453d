import { DIRECTIONS, isolates, rulesOf } from "../../lib/network-policy";
import { at, entries, items, quote, UNKNOWN } from "../../lib/read";
import { title } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";
import type { Linked, Stack } from "../../lib/stack";
import { every, some } from "../../lib/selector";

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
      for (const { what, found } of walls(stack, resource)) {
        if (found === undefined) yield { resource, problem: `it has no ${what}. Create one.` };
        else yield* earlyOnes(stack, resource, what, found);
      }
    }
  },
);

/** What closes a namespace: none if it is certain that there is none. */
function walls(stack: Stack, { objectName }: Linked): { readonly what: string; readonly found?: readonly Linked[] }[] {
  const own = (kind: string) => stack.all(kind).filter(({ namespace }) => namespace === objectName);
  const denials = DIRECTIONS.map((direction) => ({
    what: `NetworkPolicy that denies all ${direction.rules}`,
    all: own("networking.k8s.io/NetworkPolicy").map((policy) => {
      const spec = at(policy.props, "spec");
      const rules = rulesOf(policy, direction);
      const selector = at(spec, "podSelector");
      const isForAll =
        selector === UNKNOWN
          ? UNKNOWN
          : entries(selector, "matchLabels").length + items(selector, "matchExpressions").length === 0;
      return {
        policy,
        answer: every([
          spec === UNKNOWN ? UNKNOWN : true,
          isForAll,
          isolates(policy, direction),
          rules === UNKNOWN ? UNKNOWN : rules.length === 0,
        ]),
      };
    }),
  }));
  const quotas = own("core/ResourceQuota").map((policy) => ({
    policy,
    answer: every(COUNTED.map((key) => present(at(policy.props, "spec", "hard", key)))),
  }));
  const limits = own("core/LimitRange").map((policy) => ({
    policy,
    answer:
      at(policy.props, "spec", "limits") === UNKNOWN
        ? UNKNOWN
        : some(
            items(policy.props, "spec", "limits").map((limit) =>
              limit === UNKNOWN
                ? UNKNOWN
                : every([
                    at(limit, "type") === "Container",
                    ...["default", "defaultRequest", "max"].map((key) => present(at(limit, key))),
                  ]),
            ),
          ),
  }));
  return [
    ...denials,
    { what: `ResourceQuota of ${COUNTED.join(", ")}`, all: quotas },
    { what: "LimitRange with default, defaultRequest and max of containers", all: limits },
  ].map(({ what, all }) => {
    const found = all.filter(({ answer }) => answer !== false).map(({ policy }) => policy);
    return { what, found: found.length > 0 ? found : undefined };
  });
}

const present = (value: unknown) => (value === UNKNOWN ? UNKNOWN : value !== undefined);

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
