import { BUILT_IN_GROUPS, removedIn } from "../../lib/api-lifecycle";
import type { Rule } from "../../lib/rule";

export const deprecatedApiVersions: Rule = {
  name: "deprecated-api-versions",
  severity: "high",
  description: "Objects are of API versions that Kubernetes still serves; others stop an upgrade of the cluster.",
  remediationSteps: "Use the class of the version that replaces it, usually v1.",
  url: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
  tags: ["hygiene"],
  resource: function* ({ group = "", version, kind }) {
    const release = removedIn(group, version, kind.replace(/(Patch|List)$/, ""));
    if (release !== undefined)
      yield `Kubernetes serves ${group}/${version} only before 1.${release}. Use a later version of the API.`;
    else if (BUILT_IN_GROUPS.has(group) && /alpha|beta/.test(version))
      yield {
        problem: `${group}/${version} is no stable version of the API: a later Kubernetes may not serve it.`,
        advisory: true,
      };
  },
};
