import { at, items, text, UNKNOWN } from "./read";
import type { Labels } from "./selector";
import { containersOf, replicasOf, type Workload } from "./workload";

/** A pod that a workload will have: its labels are those of the template, and those that controllers add. */
export interface Pod {
  readonly workload: Workload;
  readonly label: Labels;
}

export interface Port {
  /** Name of the container. */
  readonly container: string;
  readonly name?: string;
  readonly number: number;
  readonly protocol: string;
}

/** The pods of a workload. Those of a StatefulSet have names, by which a Service can select one. All others are alike. */
export function podsOf(workload: Workload): Pod[] {
  const pod = (added: Readonly<Record<string, unknown>>): Pod => ({
    workload,
    label: (key) => added[key] ?? at(workload.podMetadata, "labels", key),
  });
  const { kind, objectName } = workload;
  if (kind === "StatefulSet") {
    const replicas = replicasOf(workload);
    const first = at(workload.props, "spec", "ordinals", "start") ?? 0;
    const known = typeof first === "number" && replicas !== UNKNOWN;
    const ordinals: (number | typeof UNKNOWN)[] = known
      ? Array.from({ length: replicas }, (_, index) => first + index)
      : [UNKNOWN];
    return ordinals.map((ordinal) =>
      pod({
        "statefulset.kubernetes.io/pod-name": ordinal === UNKNOWN ? UNKNOWN : `${objectName}-${ordinal}`,
        "apps.kubernetes.io/pod-index": ordinal === UNKNOWN ? UNKNOWN : String(ordinal),
        "controller-revision-hash": UNKNOWN,
      }),
    );
  }
  if (kind === "Job") return [pod({ "batch.kubernetes.io/job-name": objectName, "job-name": objectName })];
  if (kind === "CronJob") return [pod({ "batch.kubernetes.io/job-name": UNKNOWN, "job-name": UNKNOWN })];
  return [pod({ "pod-template-hash": UNKNOWN, "controller-revision-hash": UNKNOWN })];
}

/** The ports that containers which keep running declare, and whether some are not known yet. */
export function portsOf(workload: Workload): { readonly ports: readonly Port[]; readonly complete: boolean } {
  const { podSpec } = workload;
  const unknown = ["containers", "initContainers"].some((list) => at(podSpec, list) === UNKNOWN);
  const running = containersOf(workload).filter(({ kind, sidecar }) => sidecar || kind !== "init container");
  const declared = running.flatMap(({ name, spec }) =>
    at(spec, "ports") === UNKNOWN
      ? [undefined]
      : items(spec, "ports").map((port) => {
          const [number, protocol] = [at(port, "containerPort"), at(port, "protocol") ?? "TCP"];
          if (typeof number !== "number" || typeof protocol !== "string" || at(port, "name") === UNKNOWN)
            return undefined;
          return { container: name, name: text(port, "name"), number, protocol };
        }),
  );
  return { ports: declared.filter((port) => port !== undefined), complete: !unknown && !declared.includes(undefined) };
}
