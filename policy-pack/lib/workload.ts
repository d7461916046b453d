import { at, items, nameIn, text, UNKNOWN } from "./read";
import type { Resource } from "./resource";

/** A resource that creates pods. */
export interface Workload extends Resource {
  readonly podSpec: unknown;
  /** Metadata of its pods. */
  readonly podMetadata: unknown;
  /** Windows has none of the security settings of Linux. */
  readonly onWindows: boolean;
}

export interface Container {
  /** "container", "init container" or "ephemeral container". */
  readonly kind: string;
  readonly name: string;
  readonly spec: unknown;
  /** An init container that keeps running next to the others. */
  readonly sidecar: boolean;
}

const template = ["spec", "template"];
const templatePaths = new Map([
  ["Pod", []],
  ["PodTemplate", ["template"]],
  ["Deployment", template],
  ["StatefulSet", template],
  ["DaemonSet", template],
  ["ReplicaSet", template],
  ["ReplicationController", template],
  ["Job", template],
  ["CronJob", ["spec", "jobTemplate", ...template]],
]);
const groups = new Set(["core", "apps", "batch", "extensions"]);

const containerLists = [
  ["containers", "container"],
  ["initContainers", "init container"],
  ["ephemeralContainers", "ephemeral container"],
] as const;

/** The workload that a resource describes, or `undefined` for any other resource. */
export function workloadOf(resource: Resource): Workload | undefined {
  const { group = "", kind, props } = resource;
  const path = groups.has(group) ? templatePaths.get(kind) : undefined;
  if (path === undefined) return undefined;
  const pod = at(props, ...path);
  const podSpec = at(pod, "spec");
  return { ...resource, podSpec, podMetadata: at(pod, "metadata"), onWindows: at(podSpec, "os", "name") === "windows" };
}

export function containersOf({ podSpec }: Pick<Workload, "podSpec">): Container[] {
  return containerLists.flatMap(([list, kind]) =>
    items(podSpec, list).map((spec, index) => ({
      kind,
      spec,
      name: nameIn(spec, "name") || `#${index}`,
      sidecar: list === "initContainers" && text(spec, "restartPolicy") === "Always",
    })),
  );
}

/** The claim templates of a StatefulSet; none if the list is not known yet. */
export function claimTemplatesOf({ props }: Resource): unknown[] {
  return items(props, "spec", "volumeClaimTemplates");
}

/** The setting of a container's security context, or else of the pod's, as Kubernetes applies it. */
export function effective(container: Container, { podSpec }: Workload, ...path: string[]): unknown {
  return at(container.spec, "securityContext", ...path) ?? at(podSpec, "securityContext", ...path);
}

/** The number of pods that a Deployment or StatefulSet asks for: 1 if it does not say. */
export function replicasOf({ props }: Resource): number | typeof UNKNOWN {
  const replicas = at(props, "spec", "replicas") ?? 1;
  return typeof replicas === "number" ? replicas : UNKNOWN;
}
