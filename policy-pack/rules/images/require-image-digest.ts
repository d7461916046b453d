import { parseImage } from "../../lib/image";
import { at } from "../../lib/read";
import { onStack, type StackFinding } from "../../lib/rule";
import { containersOf, type Workload } from "../../lib/workload";

/** A rule on the stack, so that it names an image once, and not once for each container. */
export const requireImageDigest = onStack(
  {
    name: "require-image-digest",
    severity: "medium",
    description:
      "Images are named by their digest: whoever may push to a registry can move a tag, even that of a version, to other content.",
    remediationSteps: 'Append the digest to the tag: "mysql:9.7.2@sha256:…".',
    url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
    tags: ["supply-chain", "nsa"],
  },
  function* (stack): Iterable<StackFinding> {
    const users = new Map<string, Workload[]>();
    for (const workload of stack.workloads)
      for (const { spec } of containersOf(workload)) {
        const image = at(spec, "image");
        if (typeof image !== "string" || /^sha256:[0-9a-f]{64}$/.test(parseImage(image).digest ?? "")) continue;
        users.set(image, [...(users.get(image) ?? []), workload]);
      }
    for (const [name, [resource, ...more]] of users) {
      const others =
        ["", ", and 1 more container runs it"][more.length] ?? `, and ${more.length} more containers run it`;
      const problem = `it has no digest of 64 digits${others}. Append "@sha256:…".`;
      yield { resource, part: { kind: "image", name }, problem };
    }
  },
);
