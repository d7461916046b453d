import type * as k8s from "@pulumi/kubernetes";
import type { Placement } from "../config/placement-fields";
import { selectorLabels, type Identity } from "../contract/identities";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Toleration = k8s.types.input.core.v1.Toleration;

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

/** Where a workload itself needs its pods, in addition to what the stack sets. */
export interface Needs {
  /** Whether two pods may share a node if no other has room (`preferred`) or never (`required`). Absent if it does not matter. */
  readonly apart?: "preferred" | "required";
  /** Whether the pods are spread over zones as evenly as there is room, unless the stack spreads over zones itself. */
  readonly overZones?: boolean;
  readonly tolerations?: readonly Toleration[];
}

/** Where the pods of a workload may run. */
export function placed(
  identity: Identity,
  { nodeSelector, nodeAffinity, spread, ...placement }: Placement,
  { apart, overZones = false, tolerations = [] }: Needs,
): Pick<PodSpec, "nodeSelector" | "affinity" | "tolerations" | "topologySpreadConstraints"> {
  const labelSelector = { matchLabels: selectorLabels(identity) };
  // Never required by default: otherwise no server could run on a node without a zone label.
  const zones = { topologyKey: ZONE, maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" };
  const isSpread = spread.some(({ topologyKey }) => topologyKey === ZONE);
  const all = {
    nodeSelector: { ...nodeSelector },
    affinity: {
      ...nodes(nodeAffinity),
      ...(apart === undefined ? {} : { podAntiAffinity: otherNodes(apart, labelSelector) }),
    },
    tolerations: [...tolerations, ...placement.tolerations],
    topologySpreadConstraints: [...(overZones && !isSpread ? [zones] : []), ...spread].map((constraint) => ({
      ...constraint,
      labelSelector,
    })),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => Object.keys(value).length > 0));
}

function otherNodes(
  apart: "preferred" | "required",
  labelSelector: k8s.types.input.meta.v1.LabelSelector,
): k8s.types.input.core.v1.PodAntiAffinity {
  const otherNode = { topologyKey: HOST, labelSelector };
  return apart === "required"
    ? { requiredDuringSchedulingIgnoredDuringExecution: [otherNode] }
    : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: otherNode }] };
}

type Term = Placement["nodeAffinity"]["required"][number];

function nodes({ required, preferred }: Placement["nodeAffinity"]): k8s.types.input.core.v1.Affinity {
  if (required.length + preferred.length === 0) return {};
  const term = ({ matchExpressions }: Term) => ({
    matchExpressions: matchExpressions.map(({ values, ...expression }) => ({ ...expression, values: [...values] })),
  });
  return {
    nodeAffinity: {
      ...(required.length === 0
        ? {}
        : { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: required.map(term) } }),
      ...(preferred.length === 0
        ? {}
        : {
            preferredDuringSchedulingIgnoredDuringExecution: preferred.map(({ weight, ...kind }) => ({
              weight,
              preference: term(kind),
            })),
          }),
    },
  };
}
