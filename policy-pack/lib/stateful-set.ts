import { at, items, UNKNOWN } from "./read";
import { type Workload, workloadOf } from "./workload";

export interface StatefulSet extends Workload {
  spec: unknown;
}

export function statefulSetOf(type: string, props: unknown, pulumiName: string): StatefulSet | undefined {
  const workload = workloadOf(type, props, pulumiName);
  return workload?.kind === "StatefulSet" ? { ...workload, spec: at(props, "spec") } : undefined;
}

export function claimTemplatesOf({ spec }: StatefulSet): unknown[] | typeof UNKNOWN {
  return at(spec, "volumeClaimTemplates") === UNKNOWN ? UNKNOWN : items(spec, "volumeClaimTemplates");
}
