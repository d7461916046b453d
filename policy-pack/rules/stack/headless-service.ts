import { at, entries, quote, text, UNKNOWN } from "../../lib/read";
import { title } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";
import { matchesLabels, some } from "../../lib/selector";

export const headlessService = onStack(
  {
    name: "headless-service",
    severity: "medium",
    description: "A StatefulSet has the headless Service that it names; without it, its pods have no names in DNS.",
    remediationSteps: 'Create a Service with clusterIP: "None" that selects the pods, and name it in serviceName.',
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
    tags: ["reliability"],
  },
  function* (stack): Iterable<StackFinding> {
    for (const resource of stack.workloads.filter(({ kind }) => kind === "StatefulSet")) {
      const name = text(resource.props, "spec", "serviceName");
      if (name === undefined || name === "") continue;
      const service = stack.find("core/Service", resource.namespace, name);
      if (service === undefined && stack.owns(resource.namespace))
        yield { resource, problem: `serviceName is ${quote(name)}, and the stack has no such Service. Create it.` };
      if (service === undefined || service === UNKNOWN) continue;
      const spec = at(service.props, "spec");
      const address = at(spec, "clusterIP");
      if (address !== "None" && address !== UNKNOWN)
        yield {
          resource,
          problem: `${title(service)} is not headless: its clusterIP is ${quote(address)}. Set "None".`,
        };
      const selector = at(spec, "selector");
      const pods = stack.pods.filter(({ workload }) => workload.urn === resource.urn);
      const isSelected = some(pods.map(({ label }) => matchesLabels(selector, label)));
      if (selector !== UNKNOWN && (entries(selector).length === 0 || isSelected === false) && pods.length > 0)
        yield { resource, problem: `${title(service)} does not select its pods. Correct its selector.` };
    }
  },
);
