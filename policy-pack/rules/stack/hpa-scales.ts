import { at, items, text, UNKNOWN } from "../../lib/read";
import { title } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";
import { equal, every, same, some } from "../../lib/selector";
import type { Linked, Stack } from "../../lib/stack";
import { containersOf, type Workload } from "../../lib/workload";

export const autoscalerScales = onStack(
  {
    name: "hpa-scales",
    severity: "high",
    description:
      "An autoscaler has a target whose containers request what it measures, and it alone owns the number of replicas; otherwise it does nothing, or each update sets the number back.",
    remediationSteps:
      'Correct scaleTargetRef, set the requests on every container, sidecars included, and ignore changes of "spec.replicas".',
    url: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-resource-metrics",
    tags: ["reliability"],
  },
  function* (stack): Iterable<StackFinding> {
    const taken = new Map<string, Linked>();
    for (const resource of stack.all("autoscaling/HorizontalPodAutoscaler")) {
      const target = at(resource.props, "spec", "scaleTargetRef");
      const isTarget = ({ namespace, kind, objectName }: Workload) =>
        every([
          same(namespace, resource.namespace),
          equal(at(target, "kind"), kind),
          at(target, "name") === UNKNOWN ? UNKNOWN : same(objectName, text(target, "name") ?? ""),
        ]);
      const [kind, name] = [text(target, "kind"), text(target, "name")];
      if (
        kind !== undefined &&
        name !== undefined &&
        some(stack.workloads.map(isTarget)) === false &&
        stack.owns(resource.namespace)
      )
        yield {
          resource,
          problem: `its target ${kind} "${name}" does not exist in the stack. Correct scaleTargetRef.`,
        };
      const workload = stack.workloads.find((one) => isTarget(one) === true);
      if (workload === undefined) continue;
      const other = taken.get(workload.urn);
      if (other !== undefined)
        yield { resource, problem: `${title(other)} scales ${title(workload)} too. Remove one.` };
      taken.set(workload.urn, resource);
      yield* unmeasured(stack, resource, workload);
      if (
        typeof at(workload.props, "spec", "replicas") === "number" &&
        workload.opts?.ignoreChanges?.includes("spec.replicas") !== true
      )
        yield {
          resource: workload,
          problem: `spec.replicas is set, and ${title(resource)} changes it: each update sets it back. Ignore changes of "spec.replicas".`,
        };
    }
  },
);

/** Containers without a request for what the autoscaler measures in percent of it. */
function* unmeasured(stack: Stack, resource: Linked, workload: Workload): Iterable<StackFinding> {
  const hasDefaults = stack
    .all("core/LimitRange")
    .some(({ namespace }) => same(namespace, workload.namespace) !== false);
  for (const metric of items(resource.props, "spec", "metrics")) {
    const name = text(metric, "resource", "name");
    if (name === undefined || at(metric, "resource", "target", "averageUtilization") === undefined || hasDefaults)
      continue;
    for (const { kind, spec, sidecar, name: container } of containersOf(workload)) {
      if ((kind !== "container" && !sidecar) || at(spec, "resources", "requests", name) !== undefined) continue;
      yield {
        resource,
        problem: `container "${container}" of ${title(workload)} requests no ${name}, so nothing can be measured. Set the request.`,
      };
    }
  }
}
