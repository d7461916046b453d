import { at, quote, text, UNKNOWN } from "../../lib/read";
import { onPods } from "../../lib/rule";

export const requireServiceAccount = onPods(
  {
    name: "require-service-account",
    severity: "medium",
    description:
      'Every workload has a ServiceAccount of its own; what is granted to "default" is granted to every pod of the namespace.',
    remediationSteps: "Create a ServiceAccount for the workload and name it in serviceAccountName.",
    url: "https://kubernetes.io/docs/concepts/security/service-accounts/",
    tags: ["cis:5.1.5"],
  },
  function* ({ podSpec }) {
    const name = at(podSpec, "serviceAccountName");
    const former = text(podSpec, "serviceAccount");
    if (name === UNKNOWN || podSpec === UNKNOWN || podSpec === undefined) return;
    if (name === undefined && former !== undefined && former !== "default")
      yield `serviceAccount is deprecated. Set serviceAccountName to ${quote(former)}.`;
    else if (name === undefined || name === "" || name === "default")
      yield `serviceAccountName is ${quote(name)}. Name a ServiceAccount of the workload's.`;
  },
);
