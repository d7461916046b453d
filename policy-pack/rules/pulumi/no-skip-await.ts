import { at } from "../../lib/read";
import type { Rule } from "../../lib/rule";
import { workloadOf } from "../../lib/workload";

export const noSkipAwait: Rule = {
  name: "no-skip-await",
  severity: "high",
  description:
    "An update waits until workloads run; one that does not wait succeeds with pods that never start. No update takes fields from other managers.",
  remediationSteps: "Leave the annotations pulumi.com/skipAwait and pulumi.com/patchForce out.",
  url: "https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/",
  tags: ["pulumi"],
  resource: function* (resource) {
    const says = (name: string) => at(resource.props, "metadata", "annotations", `pulumi.com/${name}`) === "true";
    if (workloadOf(resource) !== undefined && says("skipAwait"))
      yield "the annotation pulumi.com/skipAwait lets the update succeed before its pods run. Leave it out.";
    if (resource.group !== undefined && says("patchForce"))
      yield "the annotation pulumi.com/patchForce takes fields from other managers. Leave it out.";
  },
};
