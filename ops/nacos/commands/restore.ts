import { Failure, Refusal } from "../../../contract/refusal";
import { BACKUP_CRON_JOBS, CONFIGURATION_STEPS, RESTORE_CHANGES_IN } from "../../../contract/objects";
import { command } from "../../command";
import {
  endOf,
  jobContextOf,
  newestOf,
  requireStartable,
  startJob,
  type JobContext,
  type PodList,
} from "../../mysql/backup-job";
import { moment, requireConfirmed } from "../../mysql/restore-options";

export interface ConfigurationsOptions {
  /** Point in time to restore to, ISO 8601 with a time zone. */
  readonly to: string;
  /** ID of the namespace; "public" is the default one. */
  readonly namespace: string;
  readonly group?: string;
  readonly dataId?: string;
  /** The name of the stack's namespace, as a confirmation. */
  readonly confirm?: string;
}

/**
 * Publishes configurations of Nacos as they were at a point in time. It restores into a scratch instance and reports what differs;
 * without `confirm` it does no more.
 */
export async function restoreConfigurations(
  context: JobContext,
  { to, namespace, group, dataId, confirm }: ConfigurationsOptions,
): Promise<void> {
  if (dataId !== undefined && group === undefined)
    throw new Refusal(
      "USAGE_OPTIONS_CONFLICT",
      "--data-id needs --group GROUP: the same data ID may exist in several.",
    );
  const values = moment(context, to);
  if (confirm !== undefined) requireConfirmed(context.namespace, confirm);
  const { metadata, spec } = await requireStartable(context, BACKUP_CRON_JOBS.restore);
  if (!JSON.stringify(spec).includes('"CONFIGURATIONS_OF"'))
    throw new Refusal(
      "BACKUP_NOT_CONFIGURED",
      `CronJob ${metadata.name} is of an earlier version, which restores no configurations: update the stack first.`,
    );
  const job = await startJob(context, BACKUP_CRON_JOBS.restore, {
    ...values,
    MODE: confirm === undefined ? "plan" : "publish",
    CONFIGURATIONS_OF: namespace,
    GROUP: group ?? "",
    DATA_ID: dataId ?? "",
  });
  const { succeeded, step, message } = await endOf(context, job);
  const mayHavePublished = step === undefined || RESTORE_CHANGES_IN.includes(step);
  const mayHaveChanged = confirm !== undefined && mayHavePublished;
  const { compare, publish } = CONFIGURATION_STEPS;
  const hasCompared = succeeded || mayHavePublished;
  for (const container of [...(hasCompared ? [compare] : []), ...(mayHaveChanged ? [publish] : [])])
    context.say((await logOf(context, job, container).catch(() => message)).trimEnd());
  if (!succeeded) throw new Failure(mayHaveChanged ? "NACOS_RESTORE_INCOMPLETE" : "NACOS_RESTORE_UNCHANGED", message);
  if (confirm === undefined)
    context.say(
      `Nothing was changed. To publish what is changed or missing, run the command again with --confirm ${context.namespace}.`,
    );
}

/** The last message of a container has no space for the names of many configurations. */
async function logOf({ api, namespace }: JobContext, job: string, container: string): Promise<string> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const newest = newestOf(await api.get<PodList>(`${pods}?labelSelector=${encodeURIComponent(`job-name=${job}`)}`));
  return api.text(`${pods}/${newest?.metadata.name}/log?container=${container}`);
}

export const restoreCommand = command({
  summary: "restore the configurations of a namespace, of a group, or a single one, to a point in time",
  options: {
    to: {
      value: "TIME",
      required: true,
      help: "the point in time: 2026-12-31T23:59:59Z, or with another time zone",
    },
    namespace: { value: "ID", required: true, help: "the ID of Nacos' namespace; public is the default one" },
    group: { value: "GROUP", default: "all groups of the namespace", help: "the group" },
    "data-id": { value: "DATA_ID", default: "all configurations of the group", help: "the configuration" },
    confirm: { value: "NAMESPACE", help: "the stack's namespace, to confirm; without it only report what differs" },
  },
  run: ({ stack, to, namespace, group, "data-id": dataId, confirm }) =>
    restoreConfigurations(jobContextOf(stack), { to, namespace, group, dataId, confirm }),
});
