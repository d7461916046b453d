import type { ResourceValidation } from "@pulumi/policy";
import { at, items, text } from "./read";
import { type Finding, judge, type Subject, subjectOf } from "./rule";

/** A resource that creates pods. */
export interface Workload extends Subject {
  podSpec: unknown;
}

export interface Container {
  /** "container", "init container" or "ephemeral container". */
  kind: string;
  name: string;
  spec: unknown;
  /** An init container that keeps running next to the others. */
  sidecar: boolean;
}

const templateSpec = ["spec", "template", "spec"];
const podSpecPaths = new Map([
  ["Pod", ["spec"]],
  ["PodTemplate", ["template", "spec"]],
  ["Deployment", templateSpec],
  ["StatefulSet", templateSpec],
  ["DaemonSet", templateSpec],
  ["ReplicaSet", templateSpec],
  ["ReplicationController", templateSpec],
  ["Job", templateSpec],
  ["CronJob", ["spec", "jobTemplate", ...templateSpec]],
]);

const containerLists = [
  ["containers", "container"],
  ["initContainers", "init container"],
  ["ephemeralContainers", "ephemeral container"],
] as const;

/** The workload that a resource type and its properties describe, or `undefined` for any other resource. */
export function workloadOf(type: string, props: unknown, pulumiName: string): Workload | undefined {
  const kind = /^kubernetes:(?:core|apps|batch|extensions)\/v\w+:(\w+)$/.exec(type)?.[1];
  const path = kind === undefined ? undefined : podSpecPaths.get(kind);
  if (kind === undefined || path === undefined) return undefined;
  return { ...subjectOf(kind, props, pulumiName), podSpec: at(props, ...path) };
}

export function containersOf(workload: Workload): Container[] {
  return containerLists.flatMap(([list, kind]) =>
    items(workload.podSpec, list).map((spec, index) => ({
      kind,
      spec,
      name: text(spec, "name") ?? `#${index}`,
      sidecar: list === "initContainers" && text(spec, "restartPolicy") === "Always",
    })),
  );
}

/** Evaluates every workload as a whole. */
export function eachWorkload(check: (workload: Workload) => Iterable<string>): ResourceValidation {
  return judge(workloadOf, function* (workload): Iterable<Finding> {
    for (const problem of check(workload)) yield { problem };
  });
}

/** Evaluates every container of every workload: `check` yields what is wrong with one. */
export function eachContainer(
  check: (container: Container, workload: Workload) => Iterable<string>,
): ResourceValidation {
  return judge(workloadOf, function* (workload): Iterable<Finding> {
    for (const container of containersOf(workload)) {
      for (const problem of check(container, workload)) yield { part: container, problem };
    }
  });
}
