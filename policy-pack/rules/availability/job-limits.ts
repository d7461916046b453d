import { at, quote, UNKNOWN } from "../../lib/read";
import { onKinds } from "../../lib/rule";

export const jobLimits = onKinds(
  {
    name: "job-limits",
    severity: "medium",
    description:
      "Jobs end: by a number of retries and a deadline. A Job that Pulumi owns has no TTL: Kubernetes would delete it, and the next refresh would create and run it again.",
    remediationSteps:
      "Set backoffLimit (at most 10) and activeDeadlineSeconds. Leave ttlSecondsAfterFinished out; a CronJob has history limits.",
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",
    tags: ["reliability"],
  },
  ["batch/Job", "batch/CronJob"],
  function* ({ kind, props }) {
    const spec = at(props, "spec", ...(kind === "CronJob" ? ["jobTemplate", "spec"] : []));
    if (spec === undefined || spec === UNKNOWN) return;
    const [retries, perIndex] = [at(spec, "backoffLimit"), at(spec, "backoffLimitPerIndex")];
    if (perIndex === undefined && (retries === undefined || (typeof retries === "number" && retries > 10)))
      yield `backoffLimit is ${quote(retries)}. Set at most 10.`;
    // A suspended CronJob runs nothing by itself. Who starts a Job from it sets what the Job may take.
    const isSuspended = kind === "CronJob" && [true, UNKNOWN].includes(at(props, "spec", "suspend") as true);
    if (!isSuspended && at(spec, "activeDeadlineSeconds") === undefined)
      yield "activeDeadlineSeconds is not set. Set the time after which the Job has failed.";
    const ttl = at(spec, "ttlSecondsAfterFinished");
    if (ttl !== undefined && ttl !== UNKNOWN)
      yield `ttlSecondsAfterFinished is ${quote(ttl)}. Leave it out: ${kind === "Job" ? "the next refresh would run the deleted Job again" : "the history limits of the CronJob delete its Jobs"}.`;
  },
);
