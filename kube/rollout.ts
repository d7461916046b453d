import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ifThere } from "../clients/kubernetes/api";
import { waitForJob } from "../clients/kubernetes/job-end";
import { waitForRollout } from "../clients/kubernetes/rollout";
import { pause } from "../clients/pause";
import { apiOfContext } from "./cluster-api";
import { stopping, UpdateRefusal } from "./update-refusal";

export interface RolloutArgs {
  readonly statefulSet: k8s.apps.v1.StatefulSet;
  /** Its name in the cluster. */
  readonly statefulSetName: string;
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  /** How long to wait after the last server that became ready. */
  readonly stalledAfterSeconds: number;
}

const POLL_MS = 1000;
/** Pods end in this time, unless their node is lost. */
const PREDECESSOR_MS = 600_000;

/** Turns off the provider's wait for objects that {@link rollout} or {@link jobEnd} waits for. The provider does not know which failures are final and, before 4.26, does not see that an update of a StatefulSet has begun. */
export const AWAITED = { "pulumi.com/skipAwait": "true" };

const PATHS = {
  StatefulSet: "apis/apps/v1/namespaces/NAMESPACE/statefulsets",
  Job: "apis/batch/v1/namespaces/NAMESPACE/jobs",
};

/**
 * A hook that delays the creation of such an object until the previous one and its pods are deleted. The provider's wait for
 * this is off as well, and an object that is created while the previous one is being deleted would be deleted with it.
 */
export function afterPredecessor(kind: keyof typeof PATHS, name: string, kubeContext: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`wait until the previous ${kind} ${name} is deleted`, async ({ newInputs }) => {
    const {
      metadata: { namespace },
    } = newInputs as { metadata: { namespace: string } };
    const path = `/${PATHS[kind].replace("NAMESPACE", namespace)}/${name}`;
    const isBeingDeleted = async () =>
      (await ifThere(apiOfContext(kubeContext).get<{ metadata: { deletionTimestamp?: string } }>(path)))?.metadata
        .deletionTimestamp !== undefined;
    for (const deadline = Date.now() + PREDECESSOR_MS; await isBeingDeleted(); await pause(POLL_MS)) {
      if (Date.now() > deadline)
        throw new UpdateRefusal(
          "UPDATE_PREDECESSOR_STUCK",
          `the previous ${kind} ${name} has been terminating for ${PREDECESSOR_MS / 60_000} minutes, because it waits for its pods: one of them may be on a lost node. Find it: kubectl -n ${namespace} get pods -o wide`,
        );
    }
  });
}

/**
 * A resource that is created once every server of a StatefulSet runs the newest revision and is ready. A hook waits again for
 * every new generation of the StatefulSet; the state contains the last generation whose rollout succeeded. So the next
 * preview still shows a rollout that failed, and the next update waits for it again.
 */
export function rollout(name: string, args: RolloutArgs, opts: pulumi.CustomResourceOptions): pulumi.Stash {
  const { statefulSetName, namespace, kubeContext, stalledAfterSeconds } = args;
  const { uid, generation } = args.statefulSet.metadata;
  const wait = new pulumi.ResourceHook(`wait for StatefulSet ${statefulSetName}`, async ({ newInputs }) => {
    const { input } = newInputs as { input: { namespace: string; statefulSet: string } };
    await waitForRollout(
      apiOfContext(kubeContext),
      { ...input, name: input.statefulSet, stalledAfterSeconds },
      (progress) => void pulumi.log.info(progress, stash, undefined, true),
    ).catch((error: unknown) => {
      throw stopping("UPDATE_ROLLOUT_FAILED", error);
    });
  });
  const stash: pulumi.Stash = new pulumi.Stash(
    name,
    { input: { namespace, statefulSet: statefulSetName, uid, generation } },
    { ...opts, hooks: { beforeCreate: [wait], beforeUpdate: [wait] } },
  );
  return stash;
}

export interface JobEndArgs {
  readonly job: k8s.batch.v1.Job;
  /** Its name in the cluster. */
  readonly jobName: string;
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
}

/** A resource that is created once a Job is complete. If another Job replaces it, a hook waits again. */
export function jobEnd(
  name: string,
  { job, jobName, namespace, kubeContext }: JobEndArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Stash {
  const wait = new pulumi.ResourceHook(`wait for Job ${jobName}`, async ({ newInputs }) => {
    const { input } = newInputs as { input: { namespace: string } };
    await waitForJob(
      apiOfContext(kubeContext),
      { namespace: input.namespace, name: jobName },
      (progress) => void pulumi.log.info(progress, stash, undefined, true),
    ).catch((error: unknown) => {
      throw stopping("UPDATE_JOB_FAILED", error);
    });
  });
  const stash: pulumi.Stash = new pulumi.Stash(
    name,
    { input: { namespace, uid: job.metadata.uid } },
    { ...opts, hooks: { beforeCreate: [wait], beforeUpdate: [wait] } },
  );
  return stash;
}
