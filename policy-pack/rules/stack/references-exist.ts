import { at, entries, items, nameIn, text, UNKNOWN } from "../../lib/read";
import { type Finding, onStack, type StackFinding } from "../../lib/rule";
import type { Linked, Stack } from "../../lib/stack";
import { claimTemplatesOf, containersOf, type Workload } from "../../lib/workload";

interface Reference {
  /** Group and kind. */
  readonly kind: string;
  readonly name: unknown;
  readonly keys: readonly unknown[];
  readonly part?: Finding["part"];
}

export const referencesExist = onStack(
  {
    name: "references-exist",
    severity: "high",
    description:
      "The ConfigMaps, Secrets, claims and accounts that pods and bindings name exist, with the keys that are used; without them pods never start.",
    remediationSteps: "Take the name from the resource, as an output, so that it is right and Pulumi creates it first.",
    url: "https://kubernetes.io/docs/concepts/configuration/",
    tags: ["reliability"],
  },
  function* (stack): Iterable<StackFinding> {
    for (const workload of stack.workloads) {
      for (const reference of referencesOf(workload)) yield* check(stack, workload.urn, workload.namespace, reference);
    }
    for (const binding of stack.all("rbac.authorization.k8s.io/RoleBinding")) {
      const role = at(binding.props, "roleRef");
      const kind = at(role, "kind") === "Role" ? "rbac.authorization.k8s.io/Role" : "";
      yield* check(stack, binding.urn, binding.namespace, { kind, name: at(role, "name"), keys: [] });
      for (const subject of items(binding.props, "subjects")) {
        if (at(subject, "kind") !== "ServiceAccount") continue;
        const namespace = text(subject, "namespace") ?? "";
        yield* check(stack, binding.urn, namespace, {
          kind: "core/ServiceAccount",
          name: at(subject, "name"),
          keys: [],
        });
      }
    }
  },
);

/** What Kubernetes creates in every namespace. */
const ALWAYS = new Set(["core/ServiceAccount/default", "core/ConfigMap/kube-root-ca.crt"]);

function* check(
  stack: Stack,
  urn: string,
  namespace: string,
  { kind, name, keys, part }: Reference,
): Iterable<StackFinding> {
  const resource = stack.byName(urn);
  // In a namespace that the stack does not own, others may create it.
  if (
    resource === undefined ||
    typeof name !== "string" ||
    kind === "" ||
    !stack.owns(namespace) ||
    ALWAYS.has(`${kind}/${name}`)
  )
    return;
  const word = kind.split("/")[1];
  const found = stack.find(kind, namespace, name);
  if (found === undefined)
    yield {
      resource,
      part,
      problem: `${word} ${namespace}/${name} does not exist in the stack. Create it, or correct the name.`,
    };
  if (found === undefined || found === UNKNOWN) return;
  const existing = keysOf(found);
  for (const key of keys) {
    if (existing !== UNKNOWN && typeof key === "string" && !existing.has(key))
      yield {
        resource,
        part,
        problem: `${word} ${namespace}/${name} has no key "${key}". Correct the key, or add it.`,
      };
  }
}

/** The keys of a ConfigMap or Secret. UNKNOWN if it has none: then a program fills it in. */
function keysOf({ props }: Linked): ReadonlySet<string> | typeof UNKNOWN {
  const maps = ["data", "stringData", "binaryData"];
  if (maps.some((map) => at(props, map) === UNKNOWN)) return UNKNOWN;
  const keys = maps.flatMap((map) => entries(props, map).map(([key]) => key));
  return keys.length === 0 ? UNKNOWN : new Set(keys);
}

function* referencesOf(workload: Workload): Iterable<Reference> {
  const { podSpec } = workload;
  yield { kind: "core/ServiceAccount", name: at(podSpec, "serviceAccountName"), keys: [] };
  for (const secret of items(podSpec, "imagePullSecrets"))
    yield { kind: "core/Secret", name: at(secret, "name"), keys: [] };
  const templates = new Set(claimTemplatesOf(workload).map((template) => text(template, "metadata", "name")));
  for (const volume of items(podSpec, "volumes")) {
    const volumeName = nameIn(volume, "name");
    if (templates.has(volumeName)) continue;
    const part = { kind: "volume", name: volumeName };
    yield {
      kind: "core/PersistentVolumeClaim",
      name: at(volume, "persistentVolumeClaim", "claimName"),
      keys: [],
      part,
    };
    const sources = [volume, ...items(volume, "projected", "sources")];
    for (const source of sources) {
      yield* map("core/ConfigMap", at(source, "configMap"), "name", part);
      yield* map("core/Secret", at(source, "secret"), source === volume ? "secretName" : "name", part);
    }
  }
  for (const part of containersOf(workload)) {
    for (const variable of items(part.spec, "env")) {
      for (const [field, kind] of [
        ["configMapKeyRef", "core/ConfigMap"],
        ["secretKeyRef", "core/Secret"],
      ]) {
        const source = at(variable, "valueFrom", field);
        if (at(source, "optional") !== true) yield { kind, name: at(source, "name"), keys: [at(source, "key")], part };
      }
    }
    for (const source of items(part.spec, "envFrom")) {
      yield* map("core/ConfigMap", at(source, "configMapRef"), "name", part);
      yield* map("core/Secret", at(source, "secretRef"), "name", part);
    }
  }
}

function* map(kind: string, source: unknown, field: string, part: Finding["part"]): Iterable<Reference> {
  if (at(source, "optional") === true || at(source, "optional") === UNKNOWN) return;
  yield { kind, name: at(source, field), keys: items(source, "items").map((item) => at(item, "key")), part };
}
