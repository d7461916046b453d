import { at, items, nameIn, UNKNOWN } from "../../lib/read";
import { onContainers } from "../../lib/rule";

export const secretsAsFiles = onContainers(
  {
    name: "secrets-as-files",
    severity: "low",
    description:
      "Secrets are mounted as files: variables are inherited by every child process, end up in dumps, and never change.",
    remediationSteps: "Mount the Secret as a volume, if the program can read a file.",
    url: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
    tags: ["cis:5.4.1"],
  },
  function* ({ spec }) {
    for (const variable of items(spec, "env")) {
      const source = at(variable, "valueFrom", "secretKeyRef");
      if (source !== undefined && source !== UNKNOWN)
        yield `env "${nameIn(variable, "name")}" is from a Secret. Mount that as a file.`;
    }
    if (
      items(spec, "envFrom").some(
        (source) =>
          typeof at(source, "secretRef", "name") === "string" &&
          [undefined, false].includes(at(source, "secretRef", "optional") as undefined),
      )
    )
      yield "envFrom has a Secret. Mount it as files.";
  },
);
