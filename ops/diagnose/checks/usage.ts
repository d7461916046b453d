import { ifThere } from "../../../clients/kubernetes/api";
import { parseMemory } from "../../../contract/quantity";
import { problem, type Check, type Found } from "../check";
import type { Pod } from "../world";

export interface PodMetrics {
  readonly metadata: { readonly name: string };
  readonly containers: readonly {
    readonly name: string;
    readonly usage: { readonly cpu: string; readonly memory: string };
  }[];
}

const SHARE = 0.95;
/** Their memory is divided up to the limit: a full cache or heap is no problem. */
const SIZED_TO_LIMIT = ["mysql", "nacos"];

/** Containers that have almost all of the memory that they may have. */
export function evaluateUsage(metrics: readonly PodMetrics[], pods: readonly Pod[]): Found {
  const containers = metrics.flatMap(({ metadata, containers: of }) => {
    const pod = pods.find((one) => one.metadata.name === metadata.name);
    return of.map(({ name, usage }) => {
      const specs = [...(pod?.spec?.initContainers ?? []), ...(pod?.spec?.containers ?? [])];
      const limit = specs.find((one) => one.name === name)?.resources?.limits?.memory;
      const share = (parseMemory(usage.memory) ?? 0) / (parseMemory(limit ?? "") ?? Infinity);
      return { pod: metadata.name, name, limit, share };
    });
  });
  const full = containers.filter(({ name, share }) => share >= SHARE && !SIZED_TO_LIMIT.includes(name));
  const most = [...containers].sort((a, b) => b.share - a.share).slice(0, 3);
  return {
    summary: `memory of the limit: ${most.map(({ pod, name, share }) => `${pod}/${name} ${percent(share)}`).join(", ") || "none measured"}`,
    problems: full.map(({ pod, name, share, limit }) =>
      problem(
        "watch",
        `container ${name} of ${pod} uses ${percent(share)} of its memory limit ${limit}`,
        "docs/runbooks/troubleshooting.md#crashloopbackoff",
      ),
    ),
  };
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export const usage: Check = {
  name: "usage",
  look: async (world) => {
    const [metrics, pods] = await Promise.all([
      ifThere(world.list<PodMetrics>("metrics.k8s.io/v1beta1", "pods")),
      world.pods(),
    ]);
    return metrics === undefined
      ? { summary: "not measured: the cluster has no metrics-server", problems: [] }
      : evaluateUsage(metrics, pods);
  },
};
