import { BACKUP_CRON_JOBS, FIELD_MANAGER, RESTORE_CHANGES_IN, STOPPED_BY_RESTORE } from "../../../contract/objects";
import { command } from "../../command";
import { describe } from "../../report";
import { makeAccounts } from "../accounts-job";
import { ifInterrupted, UNCHANGED } from "../../../runtime/mysql-backup/load-plan";
import { endOf, jobContextOf, requireStartable, stamp, startJob, type JobContext } from "../backup-job";
import { moment, requireConfirmed, type Values } from "../restore-options";
import { restoreRegistry } from "../restore-registry";
import { Failure, Refusal } from "../../../contract/refusal";
import { backup } from "./backup";

export interface RestoreOptions {
  /** Point in time to restore to, ISO 8601 with a time zone; none: the latest possible. */
  readonly to?: string;
  /** Replace the live databases; otherwise the restored ones are created beside them. */
  readonly inPlace?: boolean;
  /** Give Nacos' registry what it lacks, and leave the databases as they are. */
  readonly registryOnly?: boolean;
  /** The name of the namespace, as a confirmation. */
  readonly confirm?: string;
}

interface StatefulSet {
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

/**
 * Restores the databases. Beside the live ones, under other names, it does so at once. In place it first restores into a
 * scratch instance and reports what would be lost; without `confirm` it does no more. After the databases, Nacos' registry is
 * restored if it was lost; if only the registry is wanted, it gets back what it lacks.
 */
export async function restore(context: JobContext, options: RestoreOptions): Promise<void> {
  const { namespace } = context;
  const { to, confirm, inPlace = false, registryOnly = false } = options;
  const values = moment(context, to);
  if (inPlace && registryOnly)
    throw new Refusal("USAGE_OPTIONS_CONFLICT", "--in-place restores the registry too: leave out --registry-only.");
  if (!inPlace && !registryOnly) {
    if (confirm !== undefined)
      throw new Refusal(
        "USAGE_OPTIONS_CONFLICT",
        "--confirm is valid only with --in-place or --registry-only: nothing was restored.",
      );
    const suffix = `_restored_${stamp(context.now())}`;
    await run(context, { ...values, MODE: "fresh", SUFFIX: suffix });
    context.say(
      `The restored databases have names that end in ${suffix}; the live databases are unchanged. Drop the restored ones when they are no longer needed.`,
    );
    return;
  }
  if (to === undefined)
    throw new Refusal(
      "USAGE_OPTIONS_CONFLICT",
      `${inPlace ? "--in-place" : "--registry-only"} needs --to TIME: a time just before the mistake or the loss. The newest state may be later than that.`,
    );
  if (confirm !== undefined) requireConfirmed(namespace, confirm);
  if (registryOnly) return onlyRegistry(context, values, confirm !== undefined);
  return confirm === undefined ? reportInPlace(context, values) : replaceInPlace(context, values);
}

async function onlyRegistry(context: JobContext, values: Values, isConfirmed: boolean): Promise<void> {
  const { exists, message } = await restoreRegistry(context, values, isConfirmed ? "apply" : "plan");
  if (!exists) throw new Failure("RESTORE_REGISTRY_MISSING", message);
  context.say(message);
  if (!isConfirmed)
    context.say(
      `Nothing was changed. To add what the registry lacks, run the command again with --confirm ${context.namespace}.`,
    );
}

async function reportInPlace(context: JobContext, values: Values): Promise<void> {
  await run(context, { ...values, MODE: "plan" });
  // Nacos may be lost as well.
  await restoreRegistry(context, values, "plan").then(
    ({ message }) => context.say(message),
    (error: unknown) => context.say(`What the registry lacks is not known: ${describe(error)}`),
  );
  context.say(
    `Nothing was changed. To replace the databases with this state, run the command again with --confirm ${context.namespace}. Nacos is stopped meanwhile. Its registry is restored only if Nacos has lost it.`,
  );
}

const REPEAT = "the same command with --registry-only instead of --in-place";

async function replaceInPlace(context: JobContext, values: Values): Promise<void> {
  await requireStartable(context, BACKUP_CRON_JOBS.restore);
  await requireStartable(context, BACKUP_CRON_JOBS.registry).catch((error: unknown) => {
    if (!isNotConfigured(error)) throw error;
    context.say("The stack restores no registry before its next `pulumi up`. The databases are restored all the same.");
  });
  await makeAccounts(context); // servers that have lost their volumes have no database and no accounts of Nacos
  await runWithoutNacos(context, { ...values, MODE: "in-place" });
  context.say("The databases are replaced, and Nacos starts again. Its registry is restored if it was lost:");
  const fault = await restoreLostRegistry(context, values).catch((error: unknown) =>
    // What it refuses to do does not mean that nothing was changed.
    isNotConfigured(error) ? new Failure(error.code, error.message) : error,
  );
  context.say("A later restore needs a backup of this state, which is made now:");
  await backup(context).catch((error: unknown) =>
    context.say(
      `No backup was made: ${describe(error)}\nMake one with \`backup\`: until then, later writes cannot be restored.`,
    ),
  );
  if (fault === undefined) return;
  context.say(`The databases are restored. To repeat only the registry: ${REPEAT}.`);
  throw fault as Error;
}

function isNotConfigured(error: unknown): error is Refusal {
  return error instanceof Refusal && error.code === "BACKUP_NOT_CONFIGURED";
}

/** @throws Failure if it was lost, and is not restored */
async function restoreLostRegistry(context: JobContext, values: Values): Promise<void> {
  const { exists, isKept, message } = await restoreRegistry(context, values, "if-lost");
  if (!exists && !isKept) throw new Failure("RESTORE_REGISTRY_MISSING", message);
  context.say(message);
  if (exists && isKept) context.say(`If it lacks something that you want back: ${REPEAT}.`);
}

async function run(context: JobContext, values: Values): Promise<void> {
  await requireSuccess(context, await startJob(context, BACKUP_CRON_JOBS.restore, values), values);
}

async function requireSuccess(context: JobContext, job: string, { MODE, SUFFIX }: Values): Promise<void> {
  const { succeeded, step, message } = await endOf(context, job);
  if (succeeded) return context.say(message);
  // Only the step `load` changes the primary. Its message says if it had not begun.
  if (MODE === "plan" || (step !== undefined && (!RESTORE_CHANGES_IN.includes(step) || message.includes(UNCHANGED))))
    throw new Failure("RESTORE_UNCHANGED", message);
  const lost = `its pod was lost, and ${ifInterrupted(MODE === "fresh" ? "fresh" : "in-place", SUFFIX)}: ${message}`;
  throw new Failure("RESTORE_INCOMPLETE", step === undefined ? lost : message);
}

/** Longest wait until Nacos' servers have ended. */
const STOP_MS = 5 * 60_000;

/**
 * Nacos keeps what it read from the database, and writes to it: so it is stopped, and reads everything again afterwards. If
 * the restore fails and has changed nothing, Nacos starts again; if the restore fails halfway, Nacos stays stopped.
 */
async function runWithoutNacos(context: JobContext, values: Values): Promise<void> {
  const { api, namespace } = context;
  const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets/nacos`;
  const { metadata, spec } = await api.get<StatefulSet>(path);
  const wasStopped = spec.replicas === 0;
  const before = metadata.annotations?.[STOPPED_BY_RESTORE];
  // By an earlier restore that failed, perhaps halfway.
  const isHalfway = wasStopped && before !== undefined;
  const servers = wasStopped ? Number(before ?? 0) : (spec.replicas ?? 1);
  const scale = (replicas: number, annotation: string | null) =>
    api.patch(`${path}?fieldManager=${FIELD_MANAGER}`, {
      metadata: { annotations: { [STOPPED_BY_RESTORE]: annotation } },
      spec: { replicas },
    });
  const byHand = `kubectl --namespace ${namespace} scale statefulset nacos --replicas ${servers}`;
  const start = async (): Promise<void> => {
    await scale(servers, null);
    await forgetManager(context, path);
  };
  context.say(`stopping Nacos (${servers} server${servers === 1 ? "" : "s"})`);
  let begun = false;
  try {
    await scale(0, String(servers));
    await untilStopped(context, path);
    const job = await startJob(context, BACKUP_CRON_JOBS.restore, values);
    begun = true;
    await requireSuccess(context, job, values);
  } catch (error) {
    const mayHaveChanged = error instanceof Failure ? error.code !== "RESTORE_UNCHANGED" : begun;
    if (mayHaveChanged || wasStopped)
      context.say(
        `Nacos stays stopped until a restore in place succeeds: run the same command again. If you are sure that the databases are complete, start it: ${byHand}`,
      );
    else
      await start().then(
        () => context.say("Nacos has started again."),
        () => context.say(`Nothing was changed, and Nacos could not be started again: ${byHand}`),
      );
    if (isHalfway && error instanceof Failure && !mayHaveChanged)
      throw new Failure(
        "RESTORE_INCOMPLETE",
        `an earlier restore in place has not ended, and may have left the databases incomplete. This one has changed nothing: ${error.message}`,
      );
    throw error;
  }
  await start();
}

/** @throws Refusal if a pod is left, for example on a node that does not answer. */
async function untilStopped(context: JobContext, path: string): Promise<void> {
  const { api, namespace } = context;
  const deadline = context.now().getTime() + STOP_MS;
  while (((await api.get<StatefulSet>(path)).status?.replicas ?? 0) > 0) {
    if (context.now().getTime() > deadline) {
      throw new Refusal(
        "RESTORE_NACOS_NOT_STOPPED",
        `Nacos' servers have not ended within ${STOP_MS / 60_000} min, and nothing was restored; is a node dead? kubectl --namespace ${namespace} get pods --output wide shows which pod is left: delete it with --force, then run the same command again.`,
      );
    }
    await context.sleep(1000);
  }
}

/** Gives the number of servers back to the stack. Otherwise a later `pulumi up` that changes it would be refused, because another field manager owns it. */
async function forgetManager({ api }: JobContext, path: string): Promise<void> {
  const {
    metadata: { resourceVersion, managedFields = [] },
  } = await api.get<StatefulSet>(path);
  await api
    .patch(path, {
      metadata: { resourceVersion, managedFields: managedFields.filter(({ manager }) => manager !== FIELD_MANAGER) },
    })
    .catch(() => undefined); // another change came first; nothing depends on it today
}

export const restoreCommand = command({
  summary: "restore the databases to a point in time, beside the live ones or in place, and Nacos' registry",
  options: {
    to: {
      value: "TIME",
      default: "all that was copied; required with --in-place and --registry-only",
      help: "the point in time: 2026-12-31T23:59:59Z, or with another time zone",
    },
    "in-place": {
      help: "replace the live databases, and restore the registry if Nacos has lost it; without --confirm only report",
    },
    "registry-only": {
      help: "only add what the registry lacks; without --confirm only report",
    },
    confirm: { value: "NAMESPACE", help: "the stack's namespace, to confirm the replacement" },
  },
  run: ({ stack, to, "in-place": inPlace, "registry-only": registryOnly, confirm }) =>
    restore(jobContextOf(stack), { to, inPlace, registryOnly, confirm }),
});
