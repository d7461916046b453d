import * as assert from "node:assert/strict";
import { cronProblem } from "../../policy-pack/lib/cron";
import { cronJobSettings } from "../../policy-pack/rules/availability/cronjob-settings";
import { jobLimits } from "../../policy-pack/rules/availability/job-limits";
import { pdbWellFormed } from "../../policy-pack/rules/availability/pdb-well-formed";
import { spreadReplicas } from "../../policy-pack/rules/availability/spread-replicas";
import { emptyDirSizeLimit } from "../../policy-pack/rules/resources/emptydir-size-limit";
import {
  changed,
  check,
  goodCronJob,
  goodJob,
  goodStatefulSet,
  passes,
  podSpec,
  type Props,
  types,
  unknown,
} from "./support";

const db = "StatefulSet nacos/db";

describe("emptydir-size-limit", () => {
  passes(emptyDirSizeLimit);
  const says = [`${db}, volume "tmp": emptyDir.sizeLimit is not set. Set one.`];
  const path = `${podSpec}.volumes.0.emptyDir`;
  check(emptyDirSizeLimit, [
    { title: "stops one without a limit", path, value: {}, says },
    { title: "stops a limit of 0, which means none", path, value: { medium: "Memory", sizeLimit: "0" }, says },
  ]);
});

describe("spread-replicas", () => {
  passes(spreadReplicas);
  const nothing = (count: number) => [
    `${db}: nothing spreads its ${count} replicas over nodes. Add podAntiAffinity or a topologySpreadConstraint.`,
  ];
  const spread = (selector: unknown, topologyKey = "kubernetes.io/hostname") => [
    { topologyKey, maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway", ...(selector ? { labelSelector: selector } : {}) },
  ];
  const constraints = `${podSpec}.topologySpreadConstraints`;
  const withoutAffinity = changed(goodStatefulSet, `${podSpec}.affinity`, undefined);
  const own = { matchExpressions: [{ key: "app.kubernetes.io/name", operator: "In", values: ["db"] }] };
  const others = { matchLabels: { "app.kubernetes.io/name": "other" } };
  check(spreadReplicas, [
    { title: "stops replicas on one node", path: `${podSpec}.affinity`, value: undefined, says: nothing(3) },
    { title: "passes a single replica", from: withoutAffinity, path: "spec.replicas", value: 1, says: [] },
    { title: "passes an unknown number", from: withoutAffinity, path: "spec.replicas", value: unknown, says: [] },
    { title: "passes a spread constraint", from: withoutAffinity, path: constraints, value: spread(own), says: [] },
    {
      title: "stops a constraint that spreads others",
      from: withoutAffinity,
      path: constraints,
      value: spread(others),
      says: [
        `${db}, topologySpreadConstraint "kubernetes.io/hostname": it does not match the pod's own labels, so it spreads nothing. Set labelSelector to the selector of the workload.`,
        ...nothing(3),
      ],
    },
    {
      title: "stops a constraint without a selector",
      path: constraints,
      value: spread(undefined),
      says: [
        `${db}, topologySpreadConstraint "kubernetes.io/hostname": it has no labelSelector, so it spreads nothing. Set labelSelector to the selector of the workload.`,
      ],
    },
    {
      title: "stops a spread over zones only",
      from: withoutAffinity,
      path: constraints,
      value: spread(own, "topology.kubernetes.io/zone"),
      says: nothing(3),
    },
  ]);
});

describe("job-limits", () => {
  passes(jobLimits);
  const job = { type: types.Job, from: goodJob };
  const cron = { type: types.CronJob, from: goodCronJob };
  check(jobLimits, [
    {
      ...job,
      title: "stops Kubernetes' six retries",
      path: "spec.backoffLimit",
      value: undefined,
      says: ["Job nacos/db: backoffLimit is not set. Set at most 10."],
    },
    {
      ...job,
      title: "passes retries by index",
      from: changed(goodJob, "spec.backoffLimitPerIndex", 1),
      path: "spec.backoffLimit",
      value: undefined,
      says: [],
    },
    {
      ...job,
      title: "stops a Job without an end",
      path: "spec.activeDeadlineSeconds",
      value: undefined,
      says: ["Job nacos/db: activeDeadlineSeconds is not set. Set the time after which the Job has failed."],
    },
    {
      ...job,
      title: "stops a TTL, after which Pulumi would run the Job again",
      path: "spec.ttlSecondsAfterFinished",
      value: 600,
      says: [
        "Job nacos/db: ttlSecondsAfterFinished is 600. Leave it out: the next refresh would run the deleted Job again.",
      ],
    },
    {
      ...cron,
      title: "looks into CronJobs",
      path: "spec.jobTemplate.spec.backoffLimit",
      value: 11,
      says: ["CronJob nacos/db: backoffLimit is 11. Set at most 10."],
    },
    {
      ...cron,
      title: "leaves the deadline of a suspended CronJob to whoever starts it",
      from: changed(goodCronJob, "spec.suspend", true),
      path: "spec.jobTemplate.spec.activeDeadlineSeconds",
      value: undefined,
      says: [],
    },
  ]);
});

describe("cronjob-settings", () => {
  passes(cronJobSettings);
  const cron = { type: types.CronJob, from: goodCronJob };
  check(cronJobSettings, [
    {
      ...cron,
      title: "stops what is left to defaults",
      path: "spec",
      value: { schedule: "@daily", failedJobsHistoryLimit: 0 },
      says: [
        'CronJob nacos/db: timeZone is not set, so that of the controller decides. Set one, such as "Etc/UTC".',
        'CronJob nacos/db: concurrencyPolicy is "Allow", so runs may overlap. Set it to "Forbid" or "Replace".',
        "CronJob nacos/db: startingDeadlineSeconds is not set. Set 10 or more: the controller checks every 10 s.",
        "CronJob nacos/db: failedJobsHistoryLimit is 0. Set 1 or more.",
      ],
    },
    {
      ...cron,
      title: "only reads the schedule of a suspended one",
      path: "spec",
      value: { schedule: "@daily", suspend: true },
      says: [],
    },
    {
      ...cron,
      title: "stops a schedule that is none",
      path: "spec.schedule",
      value: "0 0 2 * * *",
      says: [
        'CronJob nacos/db: schedule is "0 0 2 * * *", which has 6 fields instead of 5. Set five fields, such as "30 2 * * *".',
      ],
    },
  ]);

  for (const [schedule, problem] of [
    ["*/15 0-6/2 1,15 JAN-mar MON", undefined],
    ["0 0 29 2 ?", undefined],
    ["0 0 30 2 *", "which never comes"],
    ["0 0 30 2 1", undefined],
    ["0 0 31 2 */2", undefined],
    ["0 0 31 2 */1", "which never comes"],
    ["61 * * * *", "whose minute is not valid"],
    ["*/0 * * * *", "whose minute is not valid"],
    ["0 5-2 * * *", "whose hour is not valid"],
    ["@reboot", "which has 1 fields instead of 5"],
    ["TZ=UTC 0 0 * * *", "which names a time zone: timeZone does that"],
  ] as const) {
    it(`${schedule}: ${problem ?? "is valid"}`, () => assert.equal(cronProblem(schedule), problem));
  }
});

describe("pdb-well-formed", () => {
  const spec = {
    maxUnavailable: 1,
    selector: { matchLabels: { app: "db" } },
    unhealthyPodEvictionPolicy: "IfHealthyBudget",
  };
  const good: Props = { metadata: { name: "db", namespace: "nacos" }, spec };
  const budget = { type: types.PodDisruptionBudget, from: good };
  const pdb = "PodDisruptionBudget nacos/db";
  const undrained = (what: string, fix: string) => [`${pdb}: ${what}, so no node can be drained. ${fix}`];
  check(pdbWellFormed, [
    { ...budget, title: "passes one that lets a pod go", path: "spec.maxUnavailable", value: "34%", says: [] },
    {
      ...budget,
      title: "stops 0%",
      path: "spec.maxUnavailable",
      value: "0%",
      says: undrained('maxUnavailable is "0%"', "Set 1 or more."),
    },
    {
      ...budget,
      title: "stops 100%",
      from: { ...good, spec: { ...spec, maxUnavailable: undefined } },
      path: "spec.minAvailable",
      value: "100%",
      says: undrained('minAvailable is "100%"', "Set maxUnavailable: 1 instead."),
    },
    {
      ...budget,
      title: "stops both",
      path: "spec.minAvailable",
      value: 1,
      says: [`${pdb}: it has both minAvailable and maxUnavailable, which Kubernetes refuses. Set maxUnavailable only.`],
    },
    {
      ...budget,
      title: "tells an absent selector from an empty one",
      path: "spec.selector",
      value: undefined,
      says: [`${pdb}: selector is not set, so it protects no pod. Select the pods of one workload.`],
    },
    {
      ...budget,
      title: "stops a selector of everything",
      path: "spec.selector",
      value: { matchLabels: {} },
      says: [`${pdb}: selector is empty, so it covers every pod of the namespace. Select the pods of one workload.`],
    },
    {
      ...budget,
      title: "wants to know what happens to pods that are not ready",
      path: "spec.unhealthyPodEvictionPolicy",
      value: undefined,
      says: [
        `${pdb}: unhealthyPodEvictionPolicy is not set. Set "AlwaysAllow", or "IfHealthyBudget" if the pods hold data.`,
      ],
    },
  ]);
});
