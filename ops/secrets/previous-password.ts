import { waitForJob } from "../../clients/kubernetes/job-end";
import { OBJECTS } from "../../contract/objects";
import { Refusal } from "../../contract/refusal";
import type { StackCluster } from "../cluster";

interface Job {
  readonly spec: { readonly template: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> }; readonly spec: { readonly containers: readonly { readonly command: readonly string[] }[] } } };
}

/** When the Job is deleted that has done it. */
const KEPT_SECONDS = 3600;
/** Labels that Kubernetes puts on the pods of one Job. */
const OF_ONE_JOB = /(^|\/)(controller-uid|job-name)$/;

/**
 * Ends the validity of an account's previous password in MySQL, by the same program in the cluster that made the account.
 *
 * @throws Error with its reason if it fails.
 */
export async function discardPreviousPassword({ api, stack, namespace }: Pick<StackCluster, "api" | "stack" | "namespace">, user: string): Promise<void> {
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const made = await api.get<Job>(`${jobs}/${OBJECTS.accountsJob}`).catch((error: unknown) => {
    if ((error as { status?: number }).status !== 404) throw error;
    throw new Refusal(`namespace ${namespace} has no Job ${OBJECTS.accountsJob}: update stack ${stack} first.`);
  });
  const { metadata: { name } } = await api.create<{ metadata: { name: string } }>(jobs, discardJob(made, user));
  await waitForJob(api, { namespace, name }, () => undefined);
}

/** A Job of the same pod, for one account. */
export function discardJob({ spec: { template } }: Job, user: string): object {
  const labels = Object.fromEntries(Object.entries(template.metadata?.labels ?? {}).filter(([key]) => !OF_ONE_JOB.test(key)));
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { generateName: `${OBJECTS.accountsJob}-discard-`, labels },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels },
        spec: { ...template.spec, containers: template.spec.containers.map((container) => ({ ...container, command: [...container.command, "discard", user] })) },
      },
    },
  };
}
