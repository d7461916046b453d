import { DATA_MARKS } from "../../../contract/objects";
import { longestPause } from "../../lib/cron";
import { at, items, nameIn, quote, text, UNKNOWN } from "../../lib/read";
import type { Resource } from "../../lib/resource";
import { onStack, type StackFinding } from "../../lib/rule";
import { same } from "../../lib/selector";
import type { Stack } from "../../lib/stack";
import { claimTemplatesOf, containersOf, type Workload, workloadOf } from "../../lib/workload";

/** Hours between two backups, and between two verifications. */
const HOURS = { backup: { dev: 24, test: 24, prod: 6 }, verify: 24 };
const SHORTEST_REASON = 15;

export const dataBackedUp = onStack(
  {
    name: "data-backed-up",
    severity: "critical",
    description:
      "What holds data names the CronJob that backs it up, or says why none does. Backups are frequent, leave the cluster in production, and another CronJob verifies them: a backup that nobody has restored may be none.",
    remediationSteps: `Annotate the workload with ${DATA_MARKS.backup} (a CronJob) or ${DATA_MARKS.noBackup} (a reason), the CronJob of backups with ${DATA_MARKS.offsite} (where to), and the one that verifies them with ${DATA_MARKS.verifies} (the CronJob of backups).`,
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/",
    tags: ["data"],
    settings: {
      hours: {
        type: "integer",
        minimum: 1,
        description: "Longest time between two backups, in hours. Default: 6 in prod, else 24.",
      },
    },
  },
  function* (stack, { environment, settings }): Iterable<StackFinding> {
    const { hours = HOURS.backup[environment] } = settings as { hours?: number };
    const jobs = new Map<Workload, Workload[]>();
    for (const resource of stack.workloads.filter(holdsData)) {
      const [backup, none] = [mark(resource, "backup"), mark(resource, "noBackup")];
      if (backup === UNKNOWN || none === UNKNOWN) continue;
      if (typeof none === "string" && none.length >= SHORTEST_REASON) continue;
      const found =
        typeof backup === "string" ? stack.find("batch/CronJob", resource.namespace, backup) : "no annotation";
      if (found === "no annotation")
        yield {
          resource,
          problem: `it holds data. Annotate it with ${DATA_MARKS.backup}, or with ${DATA_MARKS.noBackup} and a reason of ${SHORTEST_REASON} characters.`,
        };
      else if (found === undefined)
        yield {
          resource,
          problem: `CronJob ${resource.namespace}/${quote(backup)} does not exist in the stack. Create it, or correct the annotation.`,
        };
      const job = found === UNKNOWN || typeof found !== "object" ? undefined : workloadOf(found);
      if (job === undefined) continue;
      const known = [...jobs.keys()].find(({ urn }) => urn === job.urn) ?? job;
      jobs.set(known, [...(jobs.get(known) ?? []), resource]);
    }
    for (const [resource, holders] of jobs) {
      yield* lateRuns(resource, hours);
      const concurrency = at(resource.props, "spec", "concurrencyPolicy") ?? "Allow";
      if (concurrency !== UNKNOWN && concurrency !== "Forbid")
        yield { resource, problem: `concurrencyPolicy is ${quote(concurrency)}. Set it to "Forbid".` };
      const isOffsite = mark(resource, "offsite") !== undefined;
      if (environment === "prod" && !isOffsite)
        yield { resource, problem: `its backups stay in the cluster. Copy them, and annotate ${DATA_MARKS.offsite}.` };
      else if (!isOffsite && stores(resource)?.some((store) => store.startsWith("claim/")) === false)
        yield { resource, problem: "its backups are on no claim, so they end with the pod. Mount a claim." };
      yield* verification(stack, resource, holders);
    }
  },
);

function mark({ props }: Resource, name: keyof typeof DATA_MARKS): unknown {
  return at(props, "metadata", "annotations", DATA_MARKS[name]);
}

function holdsData(workload: Workload): boolean {
  if (workload.kind === "StatefulSet") return claimTemplatesOf(workload).length > 0;
  const writes = (volume: unknown) => {
    const claim = at(volume, "persistentVolumeClaim");
    return typeof claim === "object" && (at(claim, "readOnly") ?? false) === false;
  };
  return workload.kind === "Deployment" && items(workload.podSpec, "volumes").some(writes);
}

function* lateRuns(resource: Resource, most: number): Iterable<StackFinding> {
  if (at(resource.props, "spec", "suspend") === true)
    yield { resource, problem: "it is suspended, so it never runs. Leave suspend out." };
  const schedule = at(resource.props, "spec", "schedule");
  const pause = longestPause(schedule) ?? 0;
  if (pause > most)
    yield {
      resource,
      problem: `schedule ${quote(schedule)} leaves up to ${Math.ceil(pause)} hours between two runs. Run it at least every ${most} hours.`,
    };
}

function* verification(stack: Stack, backup: Workload, holders: readonly Workload[]): Iterable<StackFinding> {
  const others = stack.workloads.filter(
    ({ kind, namespace }) => kind === "CronJob" && same(namespace, backup.namespace) !== false,
  );
  const verifying = others.filter((job) => mark(job, "verifies") === backup.objectName);
  if (verifying.length === 0 && !others.some((job) => mark(job, "verifies") === UNKNOWN))
    yield {
      resource: backup,
      problem: `no CronJob verifies its backups. Create one with the annotation ${DATA_MARKS.verifies}.`,
    };
  for (const resource of verifying) {
    yield* lateRuns(resource, HOURS.verify);
    const deadline = at(resource.props, "spec", "jobTemplate", "spec", "activeDeadlineSeconds");
    const pause = longestPause(at(resource.props, "spec", "schedule"));
    if (typeof deadline === "number" && pause !== undefined && deadline > pause * 3600)
      yield { resource, problem: `activeDeadlineSeconds is ${deadline}, longer than its schedule. Lower it.` };
    const [written, read] = [stores(backup), stores(resource)];
    if (written && read && !written.some((store) => read.includes(store)))
      yield {
        resource,
        problem: `it mounts no claim and no Secret that ${backup.kind} ${backup.objectName} mounts, so it reads other backups. Mount the same one.`,
      };
    const live = holders.find((holder) => read?.some((store) => isLive(holder, store)) === true);
    if (live !== undefined)
      yield { resource, problem: `it mounts the data of ${live.kind} ${live.objectName}. Restore to another volume.` };
  }
}

/** The claims and Secrets that a pod mounts, "claim/data"; undefined if some are not known yet. */
function stores(workload: Workload): readonly string[] | undefined {
  const volumes = items(workload.podSpec, "volumes").map((volume) => [
    ["claim", at(volume, "persistentVolumeClaim", "claimName")],
    ["secret", at(volume, "secret", "secretName")],
  ]);
  const variables = containersOf(workload).flatMap(({ spec }) =>
    items(spec, "env").map((one) => [["secret", at(one, "valueFrom", "secretKeyRef", "name")]]),
  );
  const all = [...volumes, ...variables].flat().filter(([, name]) => name !== undefined);
  const isUnknown = at(workload.podSpec, "volumes") === UNKNOWN || all.some(([, name]) => name === UNKNOWN);
  return isUnknown ? undefined : all.map(([kind, name]) => `${String(kind)}/${String(name)}`);
}

/** Whether a store is a claim with the live data of a workload. */
function isLive(holder: Workload, store: string): boolean {
  const claims = items(holder.podSpec, "volumes").map((volume) => text(volume, "persistentVolumeClaim", "claimName"));
  const templates = claimTemplatesOf(holder).map((template) => `${nameIn(template, "metadata", "name")}-`);
  const name = store.replace(/^claim\//, "");
  return (
    store !== name &&
    (claims.includes(name) ||
      templates.some((start) => name.startsWith(`${start}${holder.objectName}-`) && /-\d+$/.test(name)))
  );
}
