import { BUILT_IN_GROUPS } from "../../lib/api-lifecycle";
import { at, UNKNOWN } from "../../lib/read";
import type { Rule } from "../../lib/rule";
import { workloadOf } from "../../lib/workload";

const DEFAULT = ["name", "instance", "component", "part-of", "managed-by"].map((name) => `app.kubernetes.io/${name}`);

export const requireLabels: Rule = {
  name: "require-labels",
  severity: "low",
  description: "Objects and pods have the recommended labels, by which people and tools find what belongs together.",
  remediationSteps: "Add the labels to metadata.labels of the object and of its pod template.",
  url: "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
  tags: ["hygiene"],
  settings: {
    labels: { type: "array", items: { type: "string" }, description: "The labels.", default: DEFAULT },
  },
  resource: function* (resource, { settings }) {
    const { labels = DEFAULT } = settings as { labels?: readonly string[] };
    // A patch has the labels of the object that it changes.
    if (!BUILT_IN_GROUPS.has(resource.group ?? "") || /(Patch|List)$/.test(resource.kind)) return;
    const missing = (metadata: unknown) => {
      const found = at(metadata, "labels");
      return found === UNKNOWN ? [] : labels.filter((label) => at(found, label) === undefined);
    };
    const [own, pods] = [at(resource.props, "metadata"), workloadOf(resource)?.podMetadata];
    if (missing(own).length > 0) yield `metadata.labels lacks ${missing(own).join(", ")}. Add them.`;
    if (resource.kind !== "Pod" && pods !== undefined && missing(pods).length > 0)
      yield `the labels of its pods lack ${missing(pods).join(", ")}. Add them to the template.`;
  },
};
