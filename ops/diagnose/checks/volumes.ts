import { describe } from "../../report";
import { problem, UNREADABLE, type Check, type Found, type Problem } from "../check";
import type { Pod } from "../world";
import { percent } from "./usage";

export interface Claim {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly phase?: string };
}

/** What the kubelet of a node says about its pods' volumes. */
export interface NodeStats {
  readonly pods?: readonly {
    readonly volume?: readonly {
      readonly usedBytes?: number;
      readonly availableBytes?: number;
      readonly inodesUsed?: number;
      readonly inodesFree?: number;
      readonly pvcRef?: { readonly name: string; readonly namespace: string };
    }[];
  }[];
}

const PAGE = "docs/volumes.md";
const [HIGH, FULL] = [0.85, 0.95];

function claimsOf(pods: readonly Pod[]): Set<string> {
  return new Set(
    pods.flatMap(({ spec }) =>
      (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []),
    ),
  );
}

/** Claims whose volumes no pod has now: no kubelet knows how full they are. Jobs of backups mount theirs only while they run. */
export function unmounted(claims: readonly Claim[], pods: readonly Pod[]): string[] {
  const mounted = claimsOf(pods.filter(({ status }) => status?.phase === "Running"));
  return claims.flatMap(({ metadata: { name }, status }) =>
    status?.phase === "Bound" && !mounted.has(name) ? name : [],
  );
}

/** Claims without a volume, by those that need them. */
export function evaluateClaims(claims: readonly Claim[], pods: readonly Pod[]): Problem[] {
  const needed = claimsOf(pods);
  return claims.flatMap(({ metadata: { name }, status }) => {
    if (status?.phase === "Lost")
      return problem(
        "stop",
        `claim ${name} has lost its volume`,
        `kubectl describe pvc ${name}; docs/runbooks/troubleshooting.md#a-volume-is-lost`,
      );
    return status?.phase === "Pending" && needed.has(name)
      ? problem(
          "watch",
          `claim ${name} has no volume, and a pod waits for it`,
          `kubectl describe pvc ${name}; docs/runbooks/troubleshooting.md#pending`,
        )
      : [];
  });
}

/** How full the volumes of claims are, of bytes or of inodes: whichever is more. */
export function evaluateSpace(stats: readonly NodeStats[], namespace: string): Found {
  const used = (taken = 0, free = 0): number => (taken + free === 0 ? 0 : taken / (taken + free));
  const volumes = stats
    .flatMap(({ pods = [] }) => pods.flatMap(({ volume = [] }) => volume))
    .flatMap(({ pvcRef, usedBytes, availableBytes, inodesUsed, inodesFree }) =>
      pvcRef?.namespace !== namespace
        ? []
        : [{ name: pvcRef.name, share: Math.max(used(usedBytes, availableBytes), used(inodesUsed, inodesFree)) }],
    )
    .sort((a, b) => b.share - a.share);
  return {
    summary: volumes.length === 0 ? "no usage is reported" : `fullest: ${volumes[0].name} ${percent(volumes[0].share)}`,
    problems: volumes
      .filter(({ share }) => share >= HIGH)
      .map(({ name, share }) =>
        problem(share >= FULL ? "escalate" : "watch", `claim ${name} is ${percent(share)} full`, PAGE),
      ),
  };
}

export const volumes: Check = {
  name: "volumes",
  look: async (world) => {
    const [claims, pods] = await Promise.all([world.list<Claim>("v1", "persistentvolumeclaims"), world.pods()]);
    const nodes = [
      ...new Set(pods.flatMap(({ spec, status }) => (status?.phase === "Running" ? (spec?.nodeName ?? []) : []))),
    ];
    const unread: Problem[] = [];
    const stats = await Promise.all(
      nodes.map((node) =>
        world.get<NodeStats>(`/api/v1/nodes/${node}/proxy/stats/summary`).catch((error: unknown) => {
          unread.push(problem("unknown", `how full the volumes on ${node} are: ${describe(error)}`, UNREADABLE));
          return {};
        }),
      ),
    );
    const unknown = unmounted(claims, pods);
    const space = evaluateSpace(stats, world.cluster.namespace);
    return {
      summary: `${claims.filter(({ status }) => status?.phase === "Bound").length} of ${claims.length} claims bound; ${space.summary}${unknown.length === 0 ? "" : `; not mounted: ${unknown.join(", ")}`}`,
      problems: [...evaluateClaims(claims, pods), ...space.problems, ...unread],
    };
  },
};
