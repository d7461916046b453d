import type { Rule } from "../../lib/rule";

/** What rules evaluate, and what contains it. */
const EVALUATED =
  /^(\*|metadata|data|binaryData|stringData|rules|subjects|roleRef|spec|spec\.template(\..*)?|spec\.jobTemplate(\..*)?|spec\.podSelector|spec\.(ingress|egress|policyTypes))$|securityContext|containers?(\[|\.|$)|image/i;

export const noBroadIgnoreChanges: Rule = {
  name: "no-broad-ignore-changes",
  severity: "high",
  description:
    "The option ignoreChanges covers nothing that rules evaluate: they would receive the old value, and never see the new one.",
  remediationSteps: 'Ignore only the fields that another manager owns, such as "spec.replicas" under an autoscaler.',
  url: "https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/",
  tags: ["pulumi"],
  resource: function* ({ group, opts }) {
    if (group === undefined) return;
    for (const path of opts?.ignoreChanges ?? []) {
      const part = { kind: "ignoreChanges", name: path };
      if (EVALUATED.test(path.replace(/\["([^"]*)"\]/g, ".$1")))
        yield { part, problem: "rules do not see changes of it. Ignore a narrower path." };
    }
  },
};
