import * as pulumi from "@pulumi/pulumi";

interface Metadata {
  readonly annotations?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What to do about a field that another manager has set; undefined if the error is another one. */
export function conflictAdvice(error: string): string | undefined {
  if (!/field conflict|conflicts? with "/.test(error)) return undefined;
  const others = [...new Set([...error.matchAll(/conflicts? with "([^"]+)"/g)].map(([, other]) => other))];
  return `somebody else has set a field that the stack sets${others.length === 0 ? "" : `: ${others.join(", ")}`}. kubectl-edit, kubectl or kubectl-patch is a change by hand, with \`kubectl edit\` or \`kubectl scale\`: to keep it, write it into the stack's configuration.${others.includes("kube-controller-manager") ? " kube-controller-manager is an autoscaler: docs/autoscaling.md." : ""} To overwrite it: run the same command again, with PULUMI_K8S_ENABLE_PATCH_FORCE=true before it.`;
}

/**
 * Gives all objects of a stack in Kubernetes the same field manager. By default the provider generates one for each object
 * and keeps it in the state. An update that is killed while it creates an object would leave an unknown manager, and every
 * later update would get conflicts. If another manager has set a field, a message after the error says what to do.
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
      props: {
        ...(props as object),
        metadata: { ...metadata, annotations: { ...metadata.annotations, "pulumi.com/patchFieldManager": manager } },
      },
    };
  };
}
