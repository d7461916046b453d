import * as pulumi from "@pulumi/pulumi";

interface Metadata {
  readonly annotations?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What to do about a field that somebody else has, if that is what an error tells of. */
export function conflictAdvice(error: string): string | undefined {
  if (!/field conflict|conflicts? with "/.test(error)) return undefined;
  const others = [...new Set([...error.matchAll(/conflicts? with "([^"]+)"/g)].map(([, other]) => other))];
  return `somebody else has set a field that the stack sets${others.length === 0 ? "" : `: ${others.join(", ")}`}. kubectl-edit, kubectl or kubectl-patch is a change by hand, with \`kubectl edit\` or \`kubectl scale\`: to keep it, write it into the stack's configuration. To set again what the stack says: the same command with PULUMI_K8S_ENABLE_PATCH_FORCE=true before it.`;
}

/**
 * Gives all that a stack has in Kubernetes one owner. The provider makes up a name for each object and keeps it in the
 * state; an update that is killed while it makes one would leave an owner of whom nobody knows, and each later one would
 * be refused the fields that he has. Where somebody else has taken a field, the way out is told beside the error.
 */
export function ownedBy(manager: string): pulumi.ResourceTransformation {
  const advise = new pulumi.ErrorHook("tell what to do about a field of somebody else's", ({ errors }) => {
    const advice = conflictAdvice(errors[0] ?? "");
    if (advice !== undefined) void pulumi.log.error(advice);
    return false;
  });
  return ({ type, props, opts }) => {
    const isRead = (opts as pulumi.CustomResourceOptions).id !== undefined;
    if (!type.startsWith("kubernetes:") || isRead) return undefined;
    const { metadata } = props as { metadata: Metadata };
    return {
      opts: { ...opts, hooks: { ...opts.hooks, onError: [...(opts.hooks?.onError ?? []), advise] } },
      props: { ...props as object, metadata: { ...metadata, annotations: { ...metadata.annotations, "pulumi.com/patchFieldManager": manager } } },
    };
  };
}
