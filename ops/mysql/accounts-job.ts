import { OBJECTS } from "../../contract/objects";
import { Failure } from "../../contract/refusal";
import { required } from "../required";
import { endOf, type JobContext } from "./backup-job";

interface Job {
  readonly spec: {
    readonly activeDeadlineSeconds?: number;
    readonly podFailurePolicy?: object;
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly command: readonly string[] }[] };
    };
  };
}

/** When the Job is deleted that has done it. */
const KEPT_SECONDS = 3600;
/** Labels that Kubernetes puts on the pods of one Job. */
const OF_ONE_JOB = /(^|\/)(controller-uid|job-name)$/;

/** Makes Nacos' database and the platform's accounts again, on servers that have lost them. Changes nothing if all is there. */
export function makeAccounts(context: JobContext): Promise<void> {
  return runAgain(context, []);
}

/** Ends the validity of an account's previous password. */
export function discardPreviousPassword(context: JobContext, user: string): Promise<void> {
  return runAgain(context, ["discard", user]);
}

/**
 * Runs the program again that made the accounts, in the cluster.
 *
 * @throws Refusal if the stack has no such Job, Failure with the program's own words.
 */
async function runAgain(context: JobContext, words: readonly string[]): Promise<void> {
  const { api, namespace } = context;
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const asked = api.get<Job>(`${jobs}/${OBJECTS.platformAccounts}`);
  const made = await required(
    asked,
    "MYSQL_ACCOUNTS_JOB_MISSING",
    namespace,
    `Job ${OBJECTS.platformAccounts}`,
    "update the stack first, with pulumi up --refresh.",
  );
  const {
    metadata: { name },
  } = await api.create<{ metadata: { name: string } }>(jobs, again(made, words));
  const { succeeded, message } = await endOf(context, name);
  if (!succeeded) throw new Failure("MYSQL_ACCOUNTS_FAILED", message);
}

/** A Job of the same pod, with further arguments. */
export function again(
  { spec: { activeDeadlineSeconds, podFailurePolicy, template } }: Job,
  words: readonly string[],
): object {
  const labels = Object.fromEntries(
    Object.entries(template.metadata?.labels ?? {}).filter(([key]) => !OF_ONE_JOB.test(key)),
  );
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { generateName: `${OBJECTS.platformAccounts}-`, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds,
      podFailurePolicy,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          ...template.spec,
          containers: template.spec.containers.map((container) => ({
            ...container,
            command: [...container.command, ...words],
          })),
        },
      },
    },
  };
}
