import type * as pulumi from "@pulumi/pulumi";

interface Metadata {
  readonly annotations?: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * Gives all that a stack has in Kubernetes one owner. The provider makes up a name for each object and keeps it in the
 * state; an update that is killed while it makes one would leave an owner of whom nobody knows, and each later one would
 * be refused the fields that he has.
 */
export function ownedBy(manager: string): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    const isRead = (opts as pulumi.CustomResourceOptions).id !== undefined;
    if (!type.startsWith("kubernetes:") || isRead) return undefined;
    const { metadata } = props as { metadata: Metadata };
    return { opts, props: { ...props as object, metadata: { ...metadata, annotations: { ...metadata.annotations, "pulumi.com/patchFieldManager": manager } } } };
  };
}
