import { at, entries, items, nameIn, NOT_YET_KNOWN, text, UNKNOWN } from "../../lib/read";
import type { Resource } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";
import type { Stack } from "../../lib/stack";
import { containersOf } from "../../lib/workload";

const QUORUM = "nacos-platform/quorum";

export const oddQuorum = onStack(
  {
    name: "odd-quorum",
    severity: "high",
    description:
      "Lists of a StatefulSet's pods name all of them and no other: with a wrong list of peers, a cluster may elect two leaders. A workload that votes has an odd and fixed number of replicas.",
    remediationSteps: `Compute the list from the number of replicas. Set an odd number of replicas for a workload with the annotation ${QUORUM}: "true", 3 or more in production, and no autoscaler.`,
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
    tags: ["reliability", "data"],
  },
  function* (stack, { environment }): Iterable<StackFinding> {
    for (const resource of stack.workloads) {
      if (at(resource.props, "metadata", "annotations", QUORUM) !== "true") continue;
      const { min, max } = stack.scaleOf(resource);
      if (min === UNKNOWN || max === UNKNOWN) continue;
      if (min !== max) yield { resource, problem: "it votes, and an autoscaler changes its replicas. Remove that." };
      else if (min % 2 === 0 || (environment === "prod" && min < 3))
        yield {
          resource,
          problem: `it votes, and replicas is ${min}. Set an odd number, and 3 or more in production.`,
        };
    }
    const texts = [...textsOf(stack)];
    for (const set of stack.workloads.filter(({ kind }) => kind === "StatefulSet")) {
      const { min, max } = stack.scaleOf(set);
      const first = at(set.props, "spec", "ordinals", "start") ?? 0;
      const service = text(set.props, "spec", "serviceName");
      if (min === UNKNOWN || min !== max || typeof first !== "number" || service === undefined) continue;
      if (set.objectName === NOT_YET_KNOWN) continue;
      const pods = Array.from({ length: min }, (_, index) => first + index);
      const host = new RegExp(`(?<![a-z0-9-])${set.objectName}-(\\d+)\\.${service}(?![a-z0-9-])`, "g");
      const list = (ordinals: number[]) => ordinals.map((one) => `${set.objectName}-${one}`).join(", ");
      for (const { resource, part, value } of texts) {
        if (resource.namespace !== set.namespace) continue;
        const named = [...new Set([...value.matchAll(host)].map(([, ordinal]) => Number(ordinal)))];
        if (named.length < 2) continue;
        const [missing, extra] = [
          pods.filter((pod) => !named.includes(pod)),
          named.filter((pod) => !pods.includes(pod)),
        ];
        const of = `StatefulSet ${set.objectName} (replicas: ${min}). Correct the list.`;
        if (extra.length > 0) yield { resource, part, problem: `it names ${list(extra)} of ${of}` };
        // Others may mean some of the pods.
        const advisory = resource.urn !== set.urn;
        if (missing.length > 0)
          yield { resource, part, advisory, problem: `it does not name ${list(missing)} of ${of}` };
      }
    }
  },
);

interface Text {
  readonly resource: Resource;
  readonly part: { readonly kind: string; readonly name: string };
  readonly value: string;
}

/** What may list pods: variables and ConfigMaps. */
function* textsOf(stack: Stack): Iterable<Text> {
  for (const resource of stack.workloads)
    for (const { spec } of containersOf(resource))
      for (const variable of items(spec, "env")) {
        const value = text(variable, "value");
        if (value !== undefined) yield { resource, part: { kind: "variable", name: nameIn(variable, "name") }, value };
      }
  for (const resource of stack.all("core/ConfigMap"))
    for (const [name, value] of entries(resource.props, "data"))
      if (typeof value === "string") yield { resource, part: { kind: "key", name }, value };
}
