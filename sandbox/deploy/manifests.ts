import { POD_NAME_LABEL } from "../../contract/objects";
import { UserError } from "../errors";
import { digest } from "../paths";
import { isSettings, type Settings } from "./overlay";

/** The part of a plan of Pulumi that is read here: what the program asks for, by URN. */
export interface Plan {
  readonly resourcePlans: Readonly<
    Record<string, { readonly goal: { readonly type: string; readonly inputDiff: { readonly adds?: Settings } } }>
  >;
}

export interface Manifests {
  /** Objects by their file, with its folder. */
  readonly files: Readonly<Record<string, Settings>>;
  /** Objects that no manifest can hold, because their content does not exist before somebody creates it. */
  readonly left: readonly string[];
}

interface Manifest extends Settings {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Settings;
    readonly annotations?: Settings;
  };
}

/** What a plan has for a value that is known only after an update. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** A key that only encrypted values have. */
const SECRET = "4dabf18193072939515e22adb298388d";
/** The ClusterSecretStore from which External Secrets fills the Secrets. */
const STORE = "nacos-platform";
/** Has Flux create an object and never change it. */
const CREATE_ONLY = { "kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent" };

/**
 * The objects of a plan as manifests. A Secret becomes a reference: an ExternalSecret of the same name.
 *
 * @throws UserError if an object cannot be written without a value that is secret, or known only after an update
 */
export function manifestsOf({ resourcePlans }: Plan): Manifests {
  const files: Record<string, Settings> = {};
  const left: string[] = [];
  const planned = Object.values(resourcePlans)
    .filter(({ goal }) => goal.type.startsWith("kubernetes:"))
    .map(({ goal }) => goal.inputDiff.adds as Manifest);
  for (const given of planned) {
    const object = cleaned(given, markOf(given, planned));
    const { kind, metadata } = object;
    if (kind === "ConfigMap" && isOpen(object)) {
      left.push(`ConfigMap ${metadata.name}: ${Object.keys(object.data as Settings).join(", ")}`);
      continue;
    }
    const [folder, written] =
      kind === "Secret" ? ["external-secrets", reference(object)] : ["manifests", withoutCorrection(object)];
    const file = `${folder}/${String(written.kind).toLowerCase()}-${metadata.name}.yaml`;
    if (isOpen(written))
      throw new UserError(
        `${kind} ${metadata.name} cannot be rendered: it contains a value that only an update knows.`,
      );
    if (Object.hasOwn(files, file))
      throw new UserError(`${kind} ${metadata.name} exists in two namespaces, and ${file} can hold only one of them.`);
    files[file] = written;
  }
  return { files, left };
}

/** A text that changes with the ConfigMaps that an object names. */
function markOf(object: Manifest, all: readonly Manifest[]): string {
  const text = JSON.stringify(object);
  const named = all.filter(({ kind, metadata }) => kind === "ConfigMap" && text.includes(`"${metadata.name}"`));
  return digest(...named.map(({ data, binaryData }) => JSON.stringify([data, binaryData])).sort());
}

/** An object without Pulumi's annotations. A mark of a pod template that only an update knows becomes `mark`. */
function cleaned<T extends Settings>(object: T, mark: string): T {
  const entries = Object.entries(object).flatMap(([key, value]) => {
    if (!isSettings(value)) return [[key, value]];
    if (key !== "annotations") return [[key, cleaned(value, mark)]];
    const kept = Object.entries(value).filter(([name]) => !name.startsWith("pulumi.com/"));
    if (kept.length === 0) return [];
    return [[key, Object.fromEntries(kept.map(([name, text]) => [name, text === UNKNOWN ? mark : text]))]];
  });
  return Object.fromEntries(entries) as T;
}

/** Whether a value has a part that is secret or not known yet. */
function isOpen(value: unknown): boolean {
  if (typeof value === "string") return value.includes(UNKNOWN);
  if (typeof value !== "object" || value === null) return false;
  return SECRET in value || Object.values(value).some(isOpen);
}

/**
 * A Service that selects one pod names the primary, and a failover changes that: Flux must not set it back. A rule of Flux that
 * ignores the field would not do: before the first failover nobody else owns the selector, and Kubernetes would remove it.
 */
function withoutCorrection(object: Manifest): Manifest {
  const { spec, metadata } = object;
  if (!isSettings(spec) || !isSettings(spec.selector) || !(POD_NAME_LABEL in spec.selector)) return object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...CREATE_ONLY } } };
}

/** What has External Secrets fill a Secret with all properties of the entry "<namespace>/<name>" in the store. */
function reference({ metadata, type = "Opaque" }: Manifest): Settings {
  const { name, namespace, labels } = metadata;
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata,
    spec: {
      secretStoreRef: { kind: "ClusterSecretStore", name: STORE },
      // Orphan: an ExternalSecret that is deleted, for example pruned, leaves its Secret.
      target: { name, creationPolicy: "Orphan", deletionPolicy: "Retain", template: { type, metadata: { labels } } },
      dataFrom: [{ extract: { key: `${namespace}/${name}` } }],
    },
  };
}
