import type { KubernetesApi } from "../clients/kubernetes/api";

interface Node {
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly effect: string }[];
  };
}

/** How many nodes the cluster has, and how many of them accept a pod without tolerations now. */
export interface Nodes {
  readonly all: number;
  readonly open: number;
}

/** Counts the nodes. @returns the reason if the API server does not say, or is unreachable */
export async function countNodes(api: Pick<KubernetesApi, "get">): Promise<Nodes | string> {
  try {
    const { items } = await api.get<{ items: readonly Node[] }>("/api/v1/nodes");
    return { all: items.length, open: items.filter(isOpen).length };
  } catch (error) {
    return (error as Error).message;
  }
}

function isOpen({ spec: { unschedulable = false, taints = [] } = {} }: Node): boolean {
  return !unschedulable && taints.every(({ effect }) => effect === "PreferNoSchedule");
}
