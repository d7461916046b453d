import { at } from "../../lib/read";
import { groupKind } from "../../lib/resource";
import type { Rule } from "../../lib/rule";
import { workloadOf } from "../../lib/workload";

/** Whether a pod that says true needs its token is up to service-account-least-privilege, which sees the RoleBindings. */
export const restrictAutomountToken: Rule = {
  name: "restrict-automount-sa-token",
  severity: "high",
  description:
    "Every pod says if it has a token of the Kubernetes API, and no token is kept in a Secret, where it never expires.",
  remediationSteps: "Set automountServiceAccountToken: false in the pod's spec; true if it calls the Kubernetes API.",
  url: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
  tags: ["cis:5.1.6", "nsa"],
  resource: function* (resource) {
    const podSpec = workloadOf(resource)?.podSpec;
    if (podSpec !== undefined && at(podSpec, "automountServiceAccountToken") === undefined)
      yield "automountServiceAccountToken is not set, which means true. Set it to false, or to true if the pod calls the Kubernetes API.";
    const isToken = at(resource.props, "type") === "kubernetes.io/service-account-token";
    if (groupKind(resource) === "core/Secret" && isToken)
      yield "it is a token of a ServiceAccount that never expires. Let pods have tokens by automountServiceAccountToken or a projected volume.";
  },
};
