import type * as k8s from "@pulumi/kubernetes";
import { selectorLabels, type Identity } from "../contract/identities";

/** Where the servers of a set may run: one server per node, and spread over zones as evenly as there is room. */
export function placement(
  identity: Identity,
  spread: "preferred" | "required",
): Pick<k8s.types.input.core.v1.PodSpec, "affinity" | "topologySpreadConstraints"> {
  const labelSelector = { matchLabels: selectorLabels(identity) };
  const otherNode = { topologyKey: "kubernetes.io/hostname", labelSelector };
  return {
    affinity: {
      podAntiAffinity:
        spread === "required"
          ? { requiredDuringSchedulingIgnoredDuringExecution: [otherNode] }
          : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: otherNode }] },
    },
    topologySpreadConstraints: [
      {
        topologyKey: "topology.kubernetes.io/zone",
        maxSkew: 1,
        // Never required: otherwise no server could run on a node without a zone label.
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector,
      },
    ],
  };
}
