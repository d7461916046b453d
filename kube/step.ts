import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels, type Identity } from "../contract/identities";
import { connections, type Endpoint } from "./connections";
import { podTemplate, type PodSettings } from "./pod";
import { afterPredecessor, AWAITED, jobEnd } from "./rollout";
import { serviceAccount } from "./service-account";
import { transformed, type Transform } from "./transform";

export interface StepArgs {
  /** Name in the cluster of the Job and its other objects. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig, with which an update waits for the end of the Job. */
  readonly kubeContext: string;
  readonly identity: Identity;
  readonly pods: PodSettings;
  /** User that the containers run as. */
  readonly uid: number;
  readonly deadlineSeconds: number;
  /** What its pod connects to. */
  readonly to: readonly Endpoint[];
  /** Annotations of its pod. A change of one runs the Job again. */
  readonly marks: Readonly<Record<string, pulumi.Input<string>>>;
  readonly pod: Pick<k8s.types.input.core.v1.PodSpec, "initContainers" | "containers" | "volumes">;
  readonly transform?: Transform<k8s.batch.v1.JobArgs>;
}

/**
 * A step of an update: a Job that runs once for each state of its inputs, and changes nothing if it is repeated. The update
 * waits for its end. If the Job fails, the update fails with the last lines of its pod.
 *
 * @returns a resource that is created once the Job is complete
 */
export function step(name: string, args: StepArgs, opts: { readonly parent: pulumi.Resource }): pulumi.Resource {
  const { namespace, identity } = args;
  const account = serviceAccount(`${name}-service-account`, args, opts);
  const policy = connections(`${name}-connections`, args, opts);
  const job = new k8s.batch.v1.Job(
    `${name}-job`,
    transformed<k8s.batch.v1.JobArgs>(args.transform, {
      metadata: {
        namespace,
        labels: labels(identity),
        name: args.name,
        // A failed Job cannot be started again, so the next update replaces it.
        annotations: { ...AWAITED, "pulumi.com/replaceUnready": "true" },
      },
      spec: {
        // No retries: the program itself waits for the server, and any other failure would repeat.
        backoffLimit: 0,
        activeDeadlineSeconds: args.deadlineSeconds,
        // A pod that is evicted or loses its node is replaced, and does not count as a failure.
        podFailurePolicy: {
          rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
        },
        template: podTemplate({
          ...args,
          annotations: args.marks,
          spec: { restartPolicy: "Never", serviceAccountName: account.metadata.name, ...args.pod },
        }),
      },
    }),
    {
      ...opts,
      dependsOn: policy,
      deleteBeforeReplace: true,
      hooks: { beforeCreate: [afterPredecessor("Job", args.name, args.kubeContext)] },
    },
  );
  return jobEnd(`${name}-end`, { job, jobName: args.name, namespace, kubeContext: args.kubeContext }, opts);
}
