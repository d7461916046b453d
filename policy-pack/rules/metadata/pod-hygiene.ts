import { at, items, nameIn, UNKNOWN } from "../../lib/read";
import { type Finding, onPods } from "../../lib/rule";
import { containersOf } from "../../lib/workload";

export const podHygiene = onPods(
  {
    name: "pod-hygiene",
    severity: "low",
    description:
      "Nothing in a pod is there twice, and pods do not see each other's processes or a variable for every Service.",
    remediationSteps:
      "Set enableServiceLinks: false, leave shareProcessNamespace and hostAliases out, and remove what is double.",
    url: "https://kubernetes.io/docs/tutorials/services/connect-applications-service/#accessing-the-service",
    tags: ["hygiene"],
  },
  function* (workload): Iterable<Finding | string> {
    const { podSpec } = workload;
    if (podSpec === undefined) return;
    const links = at(podSpec, "enableServiceLinks") ?? true;
    if (links === true)
      yield "enableServiceLinks is not false, so its containers have variables for every Service. Set it to false.";
    if (at(podSpec, "shareProcessNamespace") === true) yield "shareProcessNamespace is true. Leave it out.";
    if (items(podSpec, "hostAliases").length > 0) yield "hostAliases is set. Use names that DNS resolves.";
    for (const container of containersOf(workload)) {
      for (const [list, field] of [
        ["env", "name"],
        ["ports", "name"],
        ["volumeMounts", "mountPath"],
      ]) {
        const names = items(container.spec, list).map((item) =>
          at(item, field) === UNKNOWN ? "" : nameIn(item, field),
        );
        const twice = names.find((name, index) => name !== "" && names.indexOf(name) < index);
        if (twice !== undefined) yield { part: container, problem: `${list} has "${twice}" twice. Remove one.` };
      }
    }
  },
);
