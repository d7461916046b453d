import { cronProblem } from "../../lib/cron";
import { at, quote } from "../../lib/read";
import { onKinds } from "../../lib/rule";

export const cronJobSettings = onKinds(
  {
    name: "cronjob-settings",
    severity: "medium",
    description:
      "A CronJob runs when it should, in a time zone that it names, one run at a time, and keeps the Jobs that tell why one failed.",
    remediationSteps:
      "Set a schedule of five fields, timeZone, concurrencyPolicy: Forbid or Replace, startingDeadlineSeconds of 10 or more, and a failedJobsHistoryLimit above 0.",
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/",
    tags: ["reliability"],
  },
  ["batch/CronJob"],
  function* ({ props }) {
    const read = (field: string) => at(props, "spec", field);
    if (read("schedule") === undefined) return; // the API refuses it
    const problem = cronProblem(read("schedule"));
    if (problem !== undefined)
      yield `schedule is ${quote(read("schedule"))}, ${problem}. Set five fields, such as "30 2 * * *".`;
    if (read("suspend") === true) return; // nothing runs by itself
    if (read("timeZone") === undefined)
      yield 'timeZone is not set, so that of the controller decides. Set one, such as "Etc/UTC".';
    const concurrency = read("concurrencyPolicy") ?? "Allow";
    if (concurrency === "Allow")
      yield 'concurrencyPolicy is "Allow", so runs may overlap. Set it to "Forbid" or "Replace".';
    const deadline = read("startingDeadlineSeconds");
    if (deadline === undefined || (typeof deadline === "number" && deadline < 10))
      yield `startingDeadlineSeconds is ${quote(deadline)}. Set 10 or more: the controller checks every 10 s.`;
    if (read("failedJobsHistoryLimit") === 0) yield "failedJobsHistoryLimit is 0. Set 1 or more.";
  },
);
