import { at, items, quote, text, UNKNOWN } from "../../lib/read";
import { onStack, type StackFinding } from "../../lib/rule";
import { equal, every, some } from "../../lib/selector";

export const serviceAccountLeastPrivilege = onStack(
  {
    name: "service-account-least-privilege",
    severity: "high",
    description:
      "Pods have a token of the Kubernetes API only if something is granted to it, and no two workloads share one.",
    remediationSteps: "Set automountServiceAccountToken: false, or bind a Role to a ServiceAccount of this workload's.",
    url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
    tags: ["security"],
  },
  function* (stack): Iterable<StackFinding> {
    const bindings = ["RoleBinding", "ClusterRoleBinding"].flatMap((kind) =>
      stack.all(`rbac.authorization.k8s.io/${kind}`),
    );
    const holders = stack.workloads.filter(({ podSpec }) => at(podSpec, "automountServiceAccountToken") === true);
    for (const resource of holders) {
      const { podSpec, namespace } = resource;
      const name = at(podSpec, "serviceAccountName") ?? "default";
      const isBound = some(
        bindings.flatMap((binding) => [
          at(binding.props, "subjects") === UNKNOWN ? UNKNOWN : false,
          ...items(binding.props, "subjects").map((subject) =>
            every([
              equal(at(subject, "kind"), "ServiceAccount"),
              equal(at(subject, "name"), name),
              equal(at(subject, "namespace") ?? UNKNOWN, namespace),
            ]),
          ),
        ]),
      );
      // In a namespace that others use too, they may bind it.
      if (isBound === false && stack.owns(namespace))
        yield {
          resource,
          problem:
            "its pods have a token, and no RoleBinding grants anything to it. Set automountServiceAccountToken: false.",
        };
      const other = holders.find(
        (holder) =>
          holder.urn !== resource.urn &&
          holder.namespace === namespace &&
          text(holder.podSpec, "serviceAccountName") === name,
      );
      if (other !== undefined)
        yield {
          resource,
          problem: `its ServiceAccount ${quote(name)} is also that of ${other.kind} ${other.objectName}. Give it another one.`,
        };
    }
  },
);
