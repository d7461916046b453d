import { at, items, UNKNOWN } from "../../lib/read";
import { onPods } from "../../lib/rule";
import { matches } from "../../lib/selector";
import { replicasOf } from "../../lib/workload";

export const spreadReplicas = onPods(
  {
    name: "spread-replicas",
    severity: "medium",
    description:
      "Replicas are spread over nodes, by terms that match their own labels; otherwise one node takes all of them down.",
    remediationSteps:
      "Add podAntiAffinity or topologySpreadConstraints with the topologyKey kubernetes.io/hostname, and as their labelSelector the selector of the workload.",
    url: "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
    tags: ["reliability"],
  },
  function* (workload) {
    const { podSpec, podMetadata, kind } = workload;
    const replicas = replicasOf(workload);
    if (kind !== "Deployment" && kind !== "StatefulSet") return;
    const label = (key: string) => at(podMetadata, "labels", key);
    const antiAffinity = at(podSpec, "affinity", "podAntiAffinity");
    const [required, preferred, constraints] = [
      items(antiAffinity, "requiredDuringSchedulingIgnoredDuringExecution"),
      items(antiAffinity, "preferredDuringSchedulingIgnoredDuringExecution").map((term) => at(term, "podAffinityTerm")),
      items(podSpec, "topologySpreadConstraints"),
    ];
    for (const constraint of constraints) {
      const selector = at(constraint, "labelSelector");
      const problem =
        selector === undefined
          ? "has no labelSelector"
          : matches(selector, label) === false
            ? "does not match the pod's own labels"
            : "";
      const part = { kind: "topologySpreadConstraint", name: String(at(constraint, "topologyKey")) };
      if (constraint !== UNKNOWN && problem !== "")
        yield {
          part,
          problem: `it ${problem}, so it spreads nothing. Set labelSelector to the selector of the workload.`,
        };
    }
    const terms = [...required, ...preferred, ...constraints];
    const isUnknown = [
      podSpec,
      at(podSpec, "affinity"),
      antiAffinity,
      at(podSpec, "topologySpreadConstraints"),
      ...terms,
    ].includes(UNKNOWN);
    if (isUnknown || replicas === UNKNOWN || replicas < 2) return;
    const overNodes = terms.some(
      (term) =>
        ["kubernetes.io/hostname", UNKNOWN].includes(at(term, "topologyKey") as string) &&
        at(term, "labelSelector") !== undefined &&
        matches(at(term, "labelSelector"), label) !== false,
    );
    if (!overNodes)
      yield `nothing spreads its ${replicas} replicas over nodes. Add podAntiAffinity or a topologySpreadConstraint.`;
  },
);
