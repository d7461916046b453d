import { holds, type Conditioned } from "../../../clients/kubernetes/conditions";
import { problem, type Check, type Found, type Problem } from "../check";
import type { Pod } from "../world";

export interface Node extends Conditioned {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly unschedulable?: boolean };
}

const PRESSURE = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];

/** Nodes that are lost or under pressure, if pods of the stack are on them. */
export function evaluateNodes(nodes: readonly Node[], pods: readonly Pod[]): Found {
  // Jobs leave pods that have ended, on nodes that may be gone since.
  const running = pods.filter(({ status }) => !["Succeeded", "Failed"].includes(status?.phase ?? ""));
  const used = new Set(running.flatMap(({ spec }) => spec?.nodeName ?? []));
  const ready = nodes.filter((node) => holds(node, "Ready") !== undefined);
  const ours = nodes.filter(({ metadata }) => used.has(metadata.name));
  const lost = ours.filter((node) => !ready.includes(node));
  const cordoned = nodes.filter(({ spec }) => spec?.unschedulable === true).map(({ metadata }) => metadata.name);
  const problems: Problem[] = [
    ...lost.map(({ metadata }) =>
      problem(
        lost.length > 1 ? "escalate" : "watch",
        `node ${metadata.name}, which runs pods of the stack, is not ready`,
        `kubectl describe node ${metadata.name}; docs/runbooks/troubleshooting.md#a-node-is-lost`,
      ),
    ),
    ...ours.flatMap((node) =>
      PRESSURE.flatMap((type) => {
        const pressure = holds(node, type);
        return pressure === undefined
          ? []
          : problem(
              "watch",
              `node ${node.metadata.name} has ${type}: ${pressure.message ?? "no message"}`,
              "docs/runbooks/troubleshooting.md#evicted",
            );
      }),
    ),
  ];
  return {
    summary: `${ready.length} of ${nodes.length} ready${cordoned.length === 0 ? "" : `, cordoned: ${cordoned.join(", ")}`}`,
    problems,
  };
}

export const nodes: Check = {
  name: "nodes",
  look: async (world) => {
    const [{ items }, pods] = await Promise.all([
      world.get<{ items: readonly Node[] }>("/api/v1/nodes"),
      world.pods().catch(() => []),
    ]);
    return evaluateNodes(items, pods);
  },
};
