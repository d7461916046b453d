import { BUILT_IN_GROUPS } from "../../lib/api-lifecycle";
import type { Rule } from "../../lib/rule";

const KUBERNETES = ["default", "kube-system", "kube-public", "kube-node-lease"];

export const disallowDefaultNamespace: Rule = {
  name: "disallow-default-namespace",
  severity: "medium",
  description:
    "Nothing is created in the namespaces of Kubernetes itself, which have no quota and no network policies.",
  remediationSteps: "Set metadata.namespace to a namespace of the stack's.",
  url: "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
  tags: ["cis:5.6.1", "cis:5.6.4"],
  // The scope of other kinds is not known here.
  resource: function* ({ group = "", namespace }) {
    if (BUILT_IN_GROUPS.has(group) && KUBERNETES.includes(namespace))
      yield `its namespace is "${namespace}". Set metadata.namespace to one of the stack's.`;
  },
};
