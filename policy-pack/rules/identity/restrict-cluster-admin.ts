import { at, items, quote, text, UNKNOWN } from "../../lib/read";
import { onKinds } from "../../lib/rule";

const EVERYBODY = /^system:(masters|anonymous|unauthenticated|authenticated|serviceaccounts(:.*)?)$/;

export const restrictClusterAdmin = onKinds(
  {
    name: "restrict-cluster-admin",
    severity: "critical",
    description:
      'Nobody is bound to cluster-admin, and no right is granted to everybody or to the ServiceAccount "default".',
    remediationSteps: "Bind a Role with the rights that are needed to a ServiceAccount of the workload's.",
    url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    tags: ["cis:5.1.1", "cis:5.1.7"],
  },
  ["rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding"],
  function* ({ props, kind }) {
    const role = text(props, "roleRef", "name") ?? "";
    const broad = kind === "ClusterRoleBinding" ? ["cluster-admin", "admin", "edit"] : ["cluster-admin"];
    if (at(props, "roleRef", "kind") === "ClusterRole" && broad.includes(role))
      yield `roleRef is the ClusterRole ${quote(role)}. Bind a Role with the rights that are needed.`;
    for (const subject of items(props, "subjects")) {
      if (at(subject, "kind") === UNKNOWN) continue;
      const [of, name] = [text(subject, "kind"), text(subject, "name") ?? ""];
      if (of === "ServiceAccount" ? name === "default" : EVERYBODY.test(name))
        yield `subject ${of ?? ""} ${quote(name)} stands for many. Name a ServiceAccount of the workload's, or a group of people.`;
    }
  },
);
