import { ConfigError } from "../../config/error";
import { withCode } from "../../contract/refusal";
import { cpuMilli, formatCpu, formatMemory, GIB, memoryBytes, MIB } from "../../contract/quantity";
import { podTotals, type PodTotals, type WorkloadFootprint } from "../../kube/footprint";
import type { Quota } from "../../config/namespace-fields";

export interface FitArgs {
  /** Project name, for the keys in messages. */
  readonly project: string;
  readonly quota: Quota;
  readonly containerMax: { readonly cpu: string; readonly memory: string };
  /** Everything that may run at the same time, Jobs included. */
  readonly workloads: readonly WorkloadFootprint[];
}

interface Dimension {
  readonly label: string;
  /** Key below `tenancy.quota`. */
  readonly key: keyof Quota;
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
  const findings = [...dimensions(args.quota).flatMap((d) => overQuota(args, d)), ...overMaximum(args)];
  if (findings.length > 0) {
    const headline = withCode({
      code: "CONFIG_LIMITS_EXCEEDED",
      message: "What this stack deploys does not fit its limits.",
    });
    throw new ConfigError([headline, ...findings].join("\n"));
  }
}

function dimensions(quota: Quota): readonly Dimension[] {
  const pods = ({ pods, surgePods }: WorkloadFootprint): number => pods + surgePods;
  const plural = (count: number, noun: string): string => `${noun}${count === 1 ? "" : "s"}`;
  const perPod = (label: string, key: "requestsCpu" | "requestsMemory" | "limitsCpu" | "limitsMemory"): Dimension => {
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
  return [
    perPod("requests.cpu", "requestsCpu"),
    perPod("requests.memory", "requestsMemory"),
    perPod("limits.cpu", "limitsCpu"),
    perPod("limits.memory", "limitsMemory"),
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
    {
      label: "requests.storage",
      key: "storageGiB",
      quota: quota.storageGiB * GIB,
      format: formatMemory,
      roundUp: (bytes) => String(bytes / GIB),
      measure: (w) => [w.claimsGiB.reduce((sum, gib) => sum + gib, 0) * GIB, w.pods, plural(w.pods, "pod")],
    },
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

function overMaximum({ project, containerMax, workloads }: FitArgs): string[] {
  return workloads.flatMap((w) =>
    Object.entries({ ...w.initContainers, ...w.containers }).flatMap(([container, { limits }]) => {
      const over: string[] = [];
      const refuse = (resource: "cpu" | "memory"): void => {
        over.push(
          `  ${w.workload}, container ${container}: limits.${resource} is ${limits[resource]}, the LimitRange allows ${containerMax[resource]}`,
          `    fix: pulumi config set --path ${project}:tenancy.containerMax.${resource} ${limits[resource]}, or lower the container's limit`,
        );
      };
      if (cpuMilli(limits.cpu) > cpuMilli(containerMax.cpu)) refuse("cpu");
      if (memoryBytes(limits.memory) > memoryBytes(containerMax.memory)) refuse("memory");
      return over;
    }),
  );
}
