import { at, entries, items, quote, UNKNOWN } from "../../lib/read";
import { onKinds } from "../../lib/rule";

export const pdbWellFormed = onKinds(
  {
    name: "pdb-well-formed",
    severity: "high",
    description:
      "A PodDisruptionBudget selects pods and lets one go; otherwise it protects nothing, or no node can be drained.",
    remediationSteps:
      "Set maxUnavailable: 1, a selector, and unhealthyPodEvictionPolicy: AlwaysAllow, or IfHealthyBudget if the pods hold data.",
    url: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    tags: ["reliability"],
  },
  ["policy/PodDisruptionBudget"],
  function* ({ props }) {
    const spec = at(props, "spec");
    if (spec === UNKNOWN || spec === undefined) return;
    const [least, most] = [at(spec, "minAvailable"), at(spec, "maxUnavailable")];
    if (least === undefined && most === undefined)
      yield "it has neither minAvailable nor maxUnavailable. Set maxUnavailable.";
    if (least !== undefined && least !== UNKNOWN && most !== undefined && most !== UNKNOWN)
      yield "it has both minAvailable and maxUnavailable, which Kubernetes refuses. Set maxUnavailable only.";
    if (most === 0 || most === "0%")
      yield `maxUnavailable is ${quote(most)}, so no node can be drained. Set 1 or more.`;
    if (least === "100%") yield 'minAvailable is "100%", so no node can be drained. Set maxUnavailable: 1 instead.';
    if (least === 0 || least === "0%")
      yield { problem: `minAvailable is ${quote(least)}, which protects nothing.`, advisory: true };
    const selector = at(spec, "selector");
    const terms = [at(selector, "matchLabels"), at(selector, "matchExpressions")];
    const isEmpty = entries(selector, "matchLabels").length === 0 && items(selector, "matchExpressions").length === 0;
    if (selector !== UNKNOWN && !terms.includes(UNKNOWN) && isEmpty)
      yield `selector is ${selector === undefined ? "not set, so it protects no pod" : "empty, so it covers every pod of the namespace"}. Select the pods of one workload.`;
    if (at(spec, "unhealthyPodEvictionPolicy") === undefined)
      yield 'unhealthyPodEvictionPolicy is not set. Set "AlwaysAllow", or "IfHealthyBudget" if the pods hold data.';
  },
);
