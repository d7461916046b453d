import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

export interface RetainedClaimArgs {
  /** A class that retains its volumes, see storage-class.ts. */
  readonly storageClassName: pulumi.Input<string>;
  /** Size of each pod's claim, in GiB. */
  readonly storageGiB: number;
}

/** The part of a StatefulSet that gives each pod a claim `data`, which outlives the pod and the set. */
export function retainedClaim({
  storageClassName,
  storageGiB,
}: RetainedClaimArgs): Pick<
  k8s.types.input.apps.v1.StatefulSetSpec,
  "persistentVolumeClaimRetentionPolicy" | "volumeClaimTemplates"
> {
  return {
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    volumeClaimTemplates: [
      {
        metadata: { name: "data" },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName,
          resources: { requests: { storage: `${storageGiB}Gi` } },
        },
      },
    ],
  };
}
