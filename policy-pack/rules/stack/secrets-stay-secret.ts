import { groupKind } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";
import { workloadOf } from "../../lib/workload";

/** Resources whose outputs are secrets. */
const SECRET = /^(random:index\/random(Password|Bytes):|tls:index\/privateKey:)/;

export const secretsStaySecret = onStack(
  {
    name: "secrets-stay-secret",
    severity: "critical",
    description:
      "No value that comes from a generated password or key is in a ConfigMap, in the spec of pods, or in metadata, whatever it is called; not even its hash, which can be guessed from.",
    remediationSteps:
      "Keep the value in a Secret. To restart pods when it changes, use a RandomId with the Secret's version as its keeper.",
    url: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
    tags: ["security", "pulumi"],
  },
  function* (stack): Iterable<StackFinding> {
    for (const resource of stack.resources) {
      const isOpen = groupKind(resource) === "core/ConfigMap" || workloadOf(resource) !== undefined;
      const open = isOpen
        ? ["data", "binaryData", "spec", "metadata"]
        : resource.group === undefined
          ? []
          : ["metadata"];
      for (const property of open) {
        for (const urn of resource.sources[property] ?? []) {
          const source = stack.byName(urn);
          if (source === undefined || !SECRET.test(source.type)) continue;
          const part = { kind: "property", name: property };
          yield {
            resource,
            part,
            problem: `a value in it comes from ${source.kind} "${source.name}". Keep it in a Secret.`,
          };
        }
      }
    }
  },
);
