import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { waitForRollout } from "../ops/kubernetes/rollout";
import { apiOfContext } from "./cluster-api";

export interface RolloutArgs {
  readonly statefulSet: k8s.apps.v1.StatefulSet;
  /** Its name in the cluster. */
  readonly statefulSetName: string;
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  /** When to give up, counted from the last server that became ready. */
  readonly stalledAfterSeconds: number;
}

/** A StatefulSet for which {@link rollout} waits: the provider's own wait knows neither when a reason is final nor, before 4.26, that an update has begun. */
export const AWAITED_BY_ROLLOUT = { "pulumi.com/skipAwait": "true" };

/**
 * Is there once every server of a StatefulSet runs the newest revision and serves. Another generation of the StatefulSet
 * is waited for anew, by a hook of this program; what the state has is the generation that was waited for last. So a
 * rollout that failed is still to be done in the next preview, and the next update waits for it again.
 */
export function rollout(name: string, args: RolloutArgs, opts: pulumi.CustomResourceOptions): pulumi.Stash {
  const { statefulSetName, namespace, kubeContext, stalledAfterSeconds } = args;
  const { uid, generation } = args.statefulSet.metadata;
  const wait = new pulumi.ResourceHook(`wait for StatefulSet ${statefulSetName}`, async ({ newInputs }) => {
    const { input } = newInputs as { input: { namespace: string; statefulSet: string } };
    await waitForRollout(apiOfContext(kubeContext), { ...input, name: input.statefulSet, stalledAfterSeconds }, (progress) => void pulumi.log.info(progress, stash, undefined, true));
  });
  const stash: pulumi.Stash = new pulumi.Stash(name, { input: { namespace, statefulSet: statefulSetName, uid, generation } }, { ...opts, hooks: { beforeCreate: [wait], beforeUpdate: [wait] } });
  return stash;
}
