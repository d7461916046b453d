import { namesSecret } from "../../../contract/secret-names";
import { findSecrets, isLiteral } from "../../../contract/secret-text";
import { at, entries, items, text, UNKNOWN } from "../../lib/read";
import { groupKind } from "../../lib/resource";
import type { Finding, Rule } from "../../lib/rule";
import { type Container, containersOf, workloadOf } from "../../lib/workload";

// No message of this rule quotes a value: it would carry the secret into logs.
export const noPlainSecrets: Rule = {
  name: "no-plain-secrets",
  description:
    "Passwords, tokens and private keys are kept in Secrets only; ConfigMaps, variables and command lines are open to everyone who may list objects or processes.",
  severity: "critical",
  remediationSteps:
    "Move the value to a Secret. Read it with env[].valueFrom.secretKeyRef or from a mounted file, and let files and command lines only refer to it.",
  tags: ["security"],
  url: "https://kubernetes.io/docs/concepts/configuration/secret/",
  resource: function* (resource) {
    if (groupKind(resource) === "core/ConfigMap") yield* checkConfigMap(resource.props);
    const workload = workloadOf(resource);
    for (const container of workload === undefined ? [] : containersOf(workload)) {
      for (const problem of [...checkVariables(container.spec), ...checkCommands(container.spec)])
        yield { part: container, problem };
    }
  },
};

const useSecretKeyRef = "Keep it in a Secret and read it with valueFrom.secretKeyRef.";
const keepInSecret = "Keep it in a Secret.";

function* checkConfigMap(props: unknown): Iterable<Finding> {
  for (const [key, value] of [...entries(props, "data"), ...entries(props, "binaryData").map(decode)]) {
    const part = { kind: "key", name: key };
    if (namesSecret(key) && holdsSecret(value)) yield { part, problem: `the key names a secret. ${keepInSecret}` };
    if (typeof value !== "string") continue;
    const kind = /\.[cm]?js$/.test(key) ? "program" : "text";
    for (const { line, what } of findSecrets(value, kind))
      yield { part, problem: `line ${line}: ${what}. ${keepInSecret}` };
  }
}

function decode([key, value]: [string, unknown]): [string, unknown] {
  return [key, typeof value === "string" ? Buffer.from(value, "base64").toString("latin1") : value];
}

function* checkVariables(spec: unknown): Iterable<string> {
  for (const variable of items(spec, "env")) {
    const name = text(variable, "name") ?? "";
    const value = at(variable, "value");
    if (namesSecret(name) && holdsSecret(value)) {
      yield `env "${name}" has a plain value. ${useSecretKeyRef}`;
    } else if (namesSecret(name) && at(variable, "valueFrom", "configMapKeyRef") !== undefined) {
      yield `env "${name}" is read from a ConfigMap. ${useSecretKeyRef}`;
    } else if (typeof value === "string") {
      for (const { what } of findSecrets(value)) yield `env "${name}": ${what}. ${useSecretKeyRef}`;
    }
  }
}

// A value that is not known yet is usually a password that is about to be generated. It counts as a secret, because the
// update would stop half-way at it.
function holdsSecret(value: unknown): boolean {
  return value === UNKNOWN || (typeof value === "string" && isLiteral(value));
}

const commands: [field: string, ...path: string[]][] = [
  ["livenessProbe", "exec", "command"],
  ["readinessProbe", "exec", "command"],
  ["startupProbe", "exec", "command"],
  ["lifecycle", "postStart", "exec", "command"],
  ["lifecycle", "preStop", "exec", "command"],
];

function* checkCommands(spec: Container["spec"]): Iterable<string> {
  const lines: [string, unknown[]][] = [
    ["command and args", [...items(spec, "command"), ...items(spec, "args")]],
    ...commands.map((path): [string, unknown[]] => [path.join("."), items(spec, ...path)]),
  ];
  for (const [where, words] of lines) {
    // Words that are not known yet are treated like a variable.
    const commandLine = words.map((word) => (typeof word === "string" ? word : "$unknown")).join(" ");
    for (const { what } of findSecrets(commandLine)) {
      yield `${where}: ${what}. Keep it in a Secret and let the process read it from a file or a variable.`;
    }
  }
}
