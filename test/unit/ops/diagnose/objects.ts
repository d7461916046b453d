import type { Pod } from "../../../../ops/diagnose/world";

export const NOW = Date.parse("2030-01-01T00:00:00Z");

/** So many minutes ago, as Kubernetes writes it. */
export function ago(minutes: number): string {
  return new Date(NOW - minutes * 60_000).toISOString();
}

/** A pod that is ready. @param over parts of it that differ */
export function pod(name: string, over: { metadata?: object; spec?: object; status?: object } = {}): Pod {
  return {
    metadata: { name, uid: name, ...over.metadata },
    spec: { nodeName: "node-a", ...over.spec },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], ...over.status },
  };
}

/** The status of a pod that no node can run. */
export const unschedulable = {
  phase: "Pending",
  conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }],
};

export const ofJob = { ownerReferences: [{ kind: "Job", name: "mysql-backup-1" }] };
