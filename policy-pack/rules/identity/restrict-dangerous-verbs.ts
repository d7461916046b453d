import { at, items, UNKNOWN } from "../../lib/read";
import { type Finding, onKinds } from "../../lib/rule";

/** Rights by which their holder gets further ones: API group, resources, verbs. */
const DANGEROUS: readonly (readonly [group: string, resources: readonly string[], verbs: readonly string[]])[] = [
  ["", ["pods"], ["create"]],
  [
    "",
    ["pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers"],
    ["create", "get", "update", "patch"],
  ],
  ["", ["nodes/proxy"], ["create", "get"]],
  ["", ["serviceaccounts/token"], ["create"]],
  ["", ["persistentvolumes"], ["create"]],
  ["", ["users", "groups", "serviceaccounts"], ["impersonate"]],
  ["rbac.authorization.k8s.io", ["roles", "clusterroles"], ["bind", "escalate"]],
  ["rbac.authorization.k8s.io", ["rolebindings", "clusterrolebindings"], ["create", "update", "patch"]],
  ["certificates.k8s.io", ["certificatesigningrequests/approval"], ["update", "patch"]],
  [
    "admissionregistration.k8s.io",
    ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
    ["create", "update", "patch", "delete"],
  ],
];

export const restrictDangerousVerbs = onKinds(
  {
    name: "restrict-dangerous-verbs",
    severity: "high",
    description:
      "Roles grant nothing by which their holder gets further rights: reading all Secrets, creating pods, running commands in them, changing roles.",
    remediationSteps: "Remove the right, or name the objects in resourceNames.",
    url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks",
    tags: ["cis:5.1.2", "cis:5.1.4", "cis:5.1.8"],
  },
  ["rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole"],
  function* ({ props }): Iterable<Finding> {
    for (const rule of items(props, "rules")) {
      const [groups, resources, verbs] = ["apiGroups", "resources", "verbs"].map((field) => items(rule, field));
      const isNamed = at(rule, "resourceNames") === UNKNOWN || items(rule, "resourceNames").length > 0;
      const found = (resource: string, verb: string): Finding => ({
        part: { kind: "right", name: `${resource}:${verb}` },
        problem: "its holder gets further rights by it. Remove it, or name the objects in resourceNames.",
      });
      for (const [group, dangerous, by] of DANGEROUS) {
        if (!groups.includes(group)) continue;
        for (const resource of dangerous.filter((one) => resources.includes(one)))
          for (const verb of by.filter((one) => verbs.includes(one)))
            if (!isNamed || verb === "create") yield found(resource, verb);
      }
      if (!groups.includes("") || !resources.includes("secrets")) continue;
      // Whoever may list one Secret by its name receives its content; resourceNames limits reading only.
      for (const verb of ["get", "list", "watch"].filter((one) => verbs.includes(one)))
        if (!isNamed || verb === "list") yield found("secrets", verb);
    }
  },
);
