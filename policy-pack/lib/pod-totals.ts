import { parseCpu, parseMemory } from "../../contract/quantity";
import { at, UNKNOWN } from "./read";
import type { Stack } from "./stack";
import { type Container, containersOf, type Workload } from "./workload";

/** Amounts that a quota counts, as integers: millicores and bytes. */
export const COMPUTE = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] as const;
export type Compute = (typeof COMPUTE)[number];

/** A quantity as an integer; undefined if it is absent, not known yet, or none. */
export function amountOf(key: Compute, value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") return undefined;
  return key.endsWith(".cpu") ? parseCpu(text) : parseMemory(text);
}

/** What one pod counts for, at least: what is not known yet, or left to defaults, counts as nothing. */
export function podTotal(workload: Workload, key: Compute): number {
  const [set, resource] = key.split(".");
  const amount = ({ spec }: Container) => amountOf(key, at(spec, "resources", set, resource)) ?? 0;
  const containers = containersOf(workload);
  let sidecars = 0;
  let largestStart = 0;
  // An init container runs next to the sidecars that have started before it.
  for (const container of containers.filter(({ kind }) => kind === "init container")) {
    if (container.sidecar) sidecars += amount(container);
    else largestStart = Math.max(largestStart, sidecars + amount(container));
  }
  const running = containers.filter(({ kind }) => kind === "container").map(amount);
  return Math.max(
    largestStart,
    running.reduce((sum, one) => sum + one, sidecars),
  );
}

/** The number of pods of a workload at its largest scale, in the middle of an update; at least as many if something is unknown. */
export function mostPods(stack: Stack, workload: Workload): number {
  const { kind, props } = workload;
  if (kind === "Job") return known(at(props, "spec", "parallelism") ?? 1);
  if (kind !== "Deployment" && kind !== "StatefulSet") return 1;
  const { max } = stack.scaleOf(workload);
  const strategy = at(props, "spec", "strategy", "type") ?? "RollingUpdate";
  if (max === UNKNOWN) return 0;
  if (kind === "StatefulSet" || strategy !== "RollingUpdate") return max;
  const surge = at(props, "spec", "strategy", "rollingUpdate", "maxSurge") ?? "25%";
  const percent = typeof surge === "string" ? /^(\d+)%$/.exec(surge)?.[1] : undefined;
  // Kubernetes rounds the percentage up.
  return max + (percent === undefined ? known(surge) : Math.ceil((max * Number(percent)) / 100));
}

function known(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
