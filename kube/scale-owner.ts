import * as pulumi from "@pulumi/pulumi";
import { ApiError, ifThere, type KubernetesApi } from "../clients/kubernetes/api";
import { apiOfContext, askingHook } from "./cluster-api";
import { UpdateRefusal } from "./update-refusal";

/** Annotation of a workload whose number of pods belongs to an autoscaler. */
const AUTOSCALED = "nacos-platform/autoscaled";

interface Inputs {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly replicas: number };
}

interface ManagedFields {
  readonly manager: string;
  readonly subresource?: string;
}

interface Scaled {
  readonly metadata: { readonly resourceVersion: string; readonly managedFields?: readonly ManagedFields[] };
  readonly spec: { readonly replicas: number };
}

/**
 * Who sets a workload's `spec.replicas`: the stack, or an autoscaler.
 *
 * With an autoscaler the workload has the annotation, and Pulumi ignores changes of `spec.replicas`. It is still among the
 * arguments, for the creation. When the provider updates the workload, it leaves the field out if only others own it. If Pulumi
 * owns it, as before the autoscaler's first change, the provider sends the number that the cluster has. If the number changes
 * in between, the API server refuses the update, because of a conflict. To leave the field out of the arguments would be wrong:
 * the update that turns the autoscaler on would give up Pulumi's ownership, and Kubernetes sets a field that nobody owns to its
 * default, which is one pod.
 *
 * The annotation has the workload updated when the autoscaler is removed, even if nothing else changes. See {@link takingBack}.
 */
export function scaleOwner(autoscaled: boolean): {
  readonly annotations: Readonly<Record<string, string>>;
  readonly ignoreChanges: readonly string[];
} {
  return autoscaled
    ? { annotations: { [AUTOSCALED]: "true" }, ignoreChanges: ["spec.replicas"] }
    : { annotations: {}, ignoreChanges: [] };
}

export interface TakingBackArgs {
  /** Kind and name of the workload, as in messages. */
  readonly workload: string;
  /** Name of the autoscaler. */
  readonly autoscaler: string;
  /** Kind of the workload, as in paths of the API. */
  readonly kind: "statefulsets" | "deployments";
  /** Configuration key of the number of pods. */
  readonly key: string;
  readonly kubeContext: string;
}

/** How the number is taken back. */
export interface Way {
  /** Whether the number may change: the user has told the provider to overwrite the fields of others. */
  readonly isForced: boolean;
  /** Whether it is only checked, as in a preview. */
  readonly onlyCheck: boolean;
}

const ATTEMPTS = 5;

/**
 * Gives `spec.replicas` of a workload back to the stack: removes those from its field managers that set it by the subresource
 * `scale`, an autoscaler or `kubectl scale`. Their entries have no other field.
 *
 * @param path of the workload
 * @throws UpdateRefusal if the number is another, and nobody has said that it may change.
 */
export async function takeBack(
  api: Pick<KubernetesApi, "get" | "patch">,
  path: string,
  { workload, key }: Pick<TakingBackArgs, "workload" | "key">,
  wanted: number,
  { isForced, onlyCheck }: Way,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const found = await ifThere(api.get<Scaled>(path));
    if (found === undefined) return;
    const { replicas } = found.spec;
    if (replicas !== wanted && !isForced)
      throw new UpdateRefusal(
        "AUTOSCALING_COUNT_DIFFERS",
        `${key} is ${wanted}, and ${workload} has ${replicas} pod${replicas === 1 ? "" : "s"}, as its autoscaler wanted. To change them to ${wanted}: PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi up. To keep them, set ${key}; if it does not accept ${replicas}, scale to a number that it does first. See docs/autoscaling.md`,
      );
    const { resourceVersion, managedFields = [] } = found.metadata;
    const others = managedFields.filter(({ subresource }) => subresource !== "scale");
    if (onlyCheck || others.length === managedFields.length) return;
    try {
      await api.patch(path, { metadata: { resourceVersion, managedFields: others } });
      return;
    } catch (error) {
      // The workload has changed in between, at least its status.
      if (!(error instanceof ApiError && error.status === 409) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Deletes an autoscaler before Pulumi does, at the end of the update: in between it would set the number again. */
export async function stopAutoscaler(
  api: Pick<KubernetesApi, "delete">,
  namespace: string,
  name: string,
): Promise<void> {
  await ifThere(api.delete(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`));
}

/**
 * A hook of a workload whose number of pods the stack sets again. In the first update without the autoscaler it stops preview
 * and update if the number would change, because the configured one is from an earlier time. The update takes the field back
 * from the autoscaler. Otherwise the autoscaler would remain an owner, and each later change would be a conflict.
 */
export function takingBack(args: TakingBackArgs): pulumi.ResourceHook {
  return askingHook(`take back the number of pods of ${args.workload}`, async ({ oldInputs, newInputs }) => {
    const { metadata: previous } = oldInputs as Inputs;
    const { metadata, spec } = newInputs as Inputs;
    if (previous.annotations?.[AUTOSCALED] === undefined || metadata.annotations?.[AUTOSCALED] !== undefined) return;
    const api = apiOfContext(args.kubeContext);
    const path = `/apis/apps/v1/namespaces/${metadata.namespace}/${args.kind}/${metadata.name}`;
    const onlyCheck = pulumi.runtime.isDryRun();
    const isForced = process.env.PULUMI_K8S_ENABLE_PATCH_FORCE === "true";
    const take = (way: Way) => takeBack(api, path, args, spec.replicas, way);
    await take({ isForced, onlyCheck: true });
    if (onlyCheck) return;
    await stopAutoscaler(api, metadata.namespace, args.autoscaler);
    await take({ isForced, onlyCheck: false });
  });
}
