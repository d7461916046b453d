import { ConfigError } from "../../config/error";
import { withCode } from "../../contract/refusal";
import { cpuMilli, formatCpu, formatMemory, GIB, memoryBytes, MIB } from "../../contract/quantity";
import { MEASURES, type Resource, resourceName, RESOURCES } from "../../config/rules";
import { podTotals, type ContainerResources, type PodTotals, type WorkloadFootprint } from "../../kube/footprint";
import type { Amounts, ObjectQuota, Quota, Ratios } from "../../config/namespace-fields";

export interface FitArgs {
  /** Project name, for the keys in messages. */
  readonly project: string;
  readonly quota: Quota & Pick<ObjectQuota, "storageClasses">;
  readonly containerMin: Amounts;
  readonly containerMax: Amounts;
  readonly maxLimitRequestRatio: Ratios;
  /** Everything that may run at the same time, Jobs included. */
  readonly workloads: readonly WorkloadFootprint[];
}

interface Dimension {
  readonly label: string;
  /** Key below `tenancy.quota`. */
  readonly key: string;
  readonly quota: number;
  /** Amount per unit, and number of units. */
  readonly measure: (
    workload: WorkloadFootprint,
    pod: PodTotals,
  ) => readonly [each: number, count: number, unit: string];
  readonly format: (amount: number) => string;
  /** The next round value that is enough. */
  readonly roundUp: (amount: number) => string;
}

/**
 * Checks that all workloads together fit the stack's ResourceQuota and LimitRange, at the peak of a rolling update and with
 * every Job running at the same time.
 *
 * @throws ConfigError that shows the sum, workload by workload, for each limit that is exceeded.
 */
export function requireFit(args: FitArgs): void {
  const findings = [...dimensions(args.quota).flatMap((d) => overQuota(args, d)), ...outOfRange(args)];
  if (findings.length > 0) {
    const headline = withCode({
      code: "CONFIG_LIMITS_EXCEEDED",
      message: "What this stack deploys does not fit its limits.",
    });
    throw new ConfigError([headline, ...findings].join("\n"));
  }
}

function dimensions(quota: FitArgs["quota"]): readonly Dimension[] {
  const pods = ({ pods, surgePods }: WorkloadFootprint): number => pods + surgePods;
  const plural = (count: number, noun: string): string => `${noun}${count === 1 ? "" : "s"}`;
  const perPod = (label: string, key: keyof PodTotals): Dimension => {
    const isCpu = key.endsWith("Cpu");
    const step = isCpu ? 100 : 128 * MIB;
    const format = isCpu ? formatCpu : formatMemory;
    return {
      label,
      key,
      format,
      quota: isCpu ? cpuMilli(quota[key]) : memoryBytes(quota[key]),
      measure: (w, pod) => [pod[key], pods(w), plural(pods(w), "pod")],
      roundUp: (amount) => format(Math.ceil(amount / step) * step),
    };
  };
  const storage = (
    label: string,
    key: string,
    storageGiB: number,
    counts: (workload: WorkloadFootprint) => boolean,
  ): Dimension => ({
    label,
    key,
    quota: storageGiB * GIB,
    format: formatMemory,
    roundUp: (bytes) => String(bytes / GIB),
    measure: (w) => [
      counts(w) ? w.claimsGiB.reduce((sum, gib) => sum + gib, 0) * GIB : 0,
      w.pods,
      plural(w.pods, "pod"),
    ],
  });
  return [
    perPod("requests.cpu", "requestsCpu"),
    perPod("requests.memory", "requestsMemory"),
    perPod("requests.ephemeral-storage", "requestsEphemeralStorage"),
    perPod("limits.cpu", "limitsCpu"),
    perPod("limits.memory", "limitsMemory"),
    perPod("limits.ephemeral-storage", "limitsEphemeralStorage"),
    {
      label: "pods",
      key: "pods",
      quota: quota.pods,
      format: String,
      roundUp: String,
      measure: (w) => [1, pods(w), plural(pods(w), "pod")],
    },
    {
      label: "persistentvolumeclaims",
      key: "persistentVolumeClaims",
      quota: quota.persistentVolumeClaims,
      format: String,
      roundUp: String,
      measure: (w) => [w.claimsGiB.length, w.pods, plural(w.pods, "pod")],
    },
    storage("requests.storage", "storageGiB", quota.storageGiB, () => true),
    ...Object.entries(quota.storageClasses).map(([name, { storageGiB }]) =>
      storage(
        `requests.storage of class ${name}`,
        `storageClasses.${name}.storageGiB`,
        storageGiB,
        ({ storageClass }) => storageClass === name,
      ),
    ),
  ];
}

function overQuota(
  { project, workloads }: FitArgs,
  { label, key, quota, measure, format, roundUp }: Dimension,
): string[] {
  const rows = workloads.map((w) => {
    const [each, count, unit] = measure(w, podTotals(w));
    return { workload: w.workload, each, count, unit, sum: each * count };
  });
  const needed = rows.reduce((sum, row) => sum + row.sum, 0);
  if (needed <= quota) return [];
  const width = Math.max(...rows.map((row) => row.workload.length));
  return [
    `  ${label}: ${format(needed)} needed, the quota is ${format(quota)}`,
    ...rows
      .filter((row) => row.sum > 0)
      .map(
        (row) =>
          `    ${row.workload.padEnd(width)}  ${row.count} ${row.unit} × ${format(row.each)} = ${format(row.sum)}`,
      ),
    `    fix: pulumi config set --path ${project}:tenancy.quota.${key} ${roundUp(needed)}, or lower the values above`,
  ];
}

function outOfRange(args: FitArgs): string[] {
  // Containers of the same size need the same fix.
  const problems = new Map<string, string[]>();
  for (const { workload, initContainers, containers } of args.workloads)
    for (const [container, resources] of Object.entries({ ...initContainers, ...containers }))
      for (const resource of RESOURCES) {
        const found = rangeProblem(args, resources, resource);
        if (found === undefined) continue;
        const fix = `    fix: pulumi config set --path ${args.project}:tenancy.${found.key}.${resource} ${found.value}, or ${found.instead}`;
        const line = `  ${workload}, container ${container}: ${found.problem}`;
        problems.set(fix, [...(problems.get(fix) ?? []), line]);
      }
  return [...problems].flatMap(([fix, lines]) => [...lines, fix]);
}

/** What the LimitRange would refuse, and the key below `tenancy` with a value that allows it. */
function rangeProblem(
  { containerMin, containerMax, maxLimitRequestRatio }: FitArgs,
  { requests, limits }: ContainerResources,
  resource: Resource,
): { problem: string; key: string; value: string; instead: string } | undefined {
  const measure = MEASURES[resource];
  const name = resourceName(resource);
  const [request, limit] = [requests[name], limits[name]];
  if (measure(limit) > measure(containerMax[resource]))
    return {
      problem: `limits.${name} is ${limit}, the LimitRange allows ${containerMax[resource]}`,
      key: "containerMax",
      value: limit,
      instead: "lower the container's limit",
    };
  if (measure(request) < measure(containerMin[resource]))
    return {
      problem: `requests.${name} is ${request}, the LimitRange needs ${containerMin[resource]}`,
      key: "containerMin",
      value: request,
      instead: "raise the container's request",
    };
  // Of ephemeral storage, containers request little of what they may use, see withDisk: no ratio.
  if (resource === "ephemeralStorage") return undefined;
  const ratio = measure(limit) / measure(request);
  return ratio > maxLimitRequestRatio[resource]
    ? {
        problem: `limits.${resource} ${limit} is more than ${maxLimitRequestRatio[resource]} times requests.${resource} ${request}, which the LimitRange allows`,
        key: "maxLimitRequestRatio",
        value: String(Math.ceil(ratio)),
        instead: "raise the container's request",
      }
    : undefined;
}
