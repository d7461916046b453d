import { portsOf } from "../../lib/pods";
import { at, entries, items, quote, UNKNOWN } from "../../lib/read";
import { title } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";
import { every, matchesLabels, same } from "../../lib/selector";

export const serviceSelectsPods = onStack(
  {
    name: "service-selects-pods",
    severity: "high",
    description:
      "A Service selects pods of the stack, and its target ports are ports of theirs; otherwise connections to it fail.",
    remediationSteps: "Correct the selector, or the targetPort of the Service.",
    url: "https://kubernetes.io/docs/concepts/services-networking/service/",
    tags: ["reliability"],
  },
  function* (stack): Iterable<StackFinding> {
    for (const resource of stack.all("core/Service")) {
      const spec = at(resource.props, "spec");
      const selector = at(spec, "selector");
      if (selector === UNKNOWN || entries(selector).length === 0 || at(spec, "type") === "ExternalName") continue;
      const answers = stack.pods.map(({ workload, label }) => ({
        workload,
        selected: every([same(workload.namespace, resource.namespace), matchesLabels(selector, label)]),
      }));
      // In a namespace that others use too, the pods may be theirs.
      if (answers.every(({ selected }) => selected === false) && stack.owns(resource.namespace))
        yield { resource, problem: "its selector matches no pod of the stack. Correct it." };
      const workloads = new Map(
        answers.filter(({ selected }) => selected === true).map(({ workload }) => [workload.urn, workload]),
      );
      for (const port of items(spec, "ports")) {
        const target = at(port, "targetPort") ?? at(port, "port");
        const protocol = at(port, "protocol") ?? "TCP";
        if ([target, protocol].includes(UNKNOWN)) continue;
        for (const workload of workloads.values()) {
          const { ports, complete } = portsOf(workload);
          const isThere = ports.some(
            ({ name, number, protocol: own }) => own === protocol && (name === target || number === target),
          );
          if (isThere || !complete) continue;
          const problem = `targetPort ${quote(target)} (${quote(protocol)}) is no port of the pods of ${title(workload)}. Name one that a container declares.`;
          // What no container declares can be listening all the same, unless it is called by a name.
          yield { resource, problem, advisory: typeof target === "number" };
        }
      }
    }
  },
);
