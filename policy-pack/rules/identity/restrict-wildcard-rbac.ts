import { items } from "../../lib/read";
import { onKinds } from "../../lib/rule";

export const restrictWildcardRbac = onKinds(
  {
    name: "restrict-wildcard-rbac",
    severity: "critical",
    description: "Roles name what they allow; a wildcard also allows what the next version of Kubernetes adds.",
    remediationSteps: "List the API groups, resources and verbs that are needed.",
    url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
    tags: ["cis:5.1.3"],
  },
  ["rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole"],
  function* ({ props }) {
    for (const [index, rule] of items(props, "rules").entries()) {
      for (const field of ["apiGroups", "resources", "verbs", "nonResourceURLs"]) {
        const wildcard = items(rule, field).find((word) => typeof word === "string" && /^\*$|\/\*$|^\*\//.test(word));
        if (wildcard !== undefined) yield `rules[${index}].${field} has "${wildcard as string}". Name what is needed.`;
      }
    }
  },
);
