import { at, quote, text } from "../../lib/read";
import { onPods } from "../../lib/rule";

export const requirePriorityClass = onPods(
  {
    name: "require-priority-class",
    severity: "low",
    description:
      "Pods have a priority class, which decides whose pods are evicted when a node has too little memory or room.",
    remediationSteps: "Set priorityClassName to a class of the stack's.",
    url: "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/",
    tags: ["reliability"],
  },
  function* ({ podSpec, namespace }) {
    if (podSpec === undefined) return;
    const name = at(podSpec, "priorityClassName");
    if (name === undefined || name === "") yield "priorityClassName is not set. Set one.";
    if (text(podSpec, "priorityClassName")?.startsWith("system-") === true && namespace !== "kube-system")
      yield `priorityClassName is ${quote(name)}, which is for the cluster's own pods. Set another one.`;
  },
);
