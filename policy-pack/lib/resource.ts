import type { PolicyProviderResource, PolicyResourceOptions } from "@pulumi/policy";
import { at, nameIn } from "./read";

/** What Pulumi hands to a policy of one resource. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: unknown;
  readonly opts?: Partial<PolicyResourceOptions>;
  readonly provider?: Pick<PolicyProviderResource, "name" | "props"> & { readonly urn?: string };
}

/** A resource, with what its type says about the Kubernetes object. */
export interface Resource extends Registered {
  /** API group without its version, "core" for the oldest one; `undefined` if it is no Kubernetes object. */
  readonly group: string | undefined;
  readonly version: string;
  readonly kind: string;
  /** "default" if the object names none, as in Kubernetes; "" if its kind has none. */
  readonly namespace: string;
  /** Name in Kubernetes, or the Pulumi name if Kubernetes chooses one. */
  readonly objectName: string;
}

const CLUSTER_SCOPED = new Set([
  "APIService",
  "CSIDriver",
  "CSINode",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttributesClass",
  "VolumeAttachment",
]);

/** Groups of components and of Helm's releases, whose types look like those of objects. */
const NO_OBJECTS = new Set(["helm.sh", "kustomize", "yaml"]);

export function resourceOf(registered: Registered): Resource {
  const { type, name, urn, props, opts, provider } = registered;
  const [, group, version = "", kubernetesKind] = /^kubernetes:([^/:]+)\/([^/:]+):(\w+)$/.exec(type) ?? [];
  const kind = kubernetesKind ?? type.split(":").at(-1) ?? type;
  const isObject = group !== undefined && !NO_OBJECTS.has(group);
  const metadata = at(props, "metadata");
  const read = (field: string, fallback: string) => nameIn(metadata, field) || fallback;
  return {
    ...{ type, name, urn, props, opts, provider, version, kind },
    group: isObject ? group : undefined,
    namespace: isObject && !CLUSTER_SCOPED.has(kind) ? read("namespace", "default") : "",
    objectName: isObject ? read("name", name) : name,
  };
}

/** Group and kind, as rules name them: "core/Pod". */
export function groupKind({ group, kind }: Resource): string {
  return `${group}/${kind}`;
}

/** How a message names a resource. */
export function title({ kind, namespace, objectName }: Resource): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${objectName}`;
}
