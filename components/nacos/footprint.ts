import type { ContainerResources, WorkloadFootprint } from "../../kube/footprint";
import { mostServers, type NacosCount } from "./autoscaling-config";
import { MEMBERS_RESOURCES } from "./members";

export interface NacosSizing extends NacosCount {
  readonly resources: ContainerResources;
  /** Size of each server's claim, in GiB. Claims can grow and never become smaller, see claims.ts. */
  readonly storageGiB: number;
  /** A class that exists. If `protect` is set, it has to retain its volumes. */
  readonly storageClass: string;
}

/** What Nacos takes of the namespace's quota, with as many servers as there may be. */
export function nacosFootprint({ resources, storageGiB, storageClass, ...count }: NacosSizing): WorkloadFootprint {
  const copying = { requests: { cpu: "50m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } };
  return {
    workload: "StatefulSet/nacos",
    pods: mostServers(count),
    surgePods: 0,
    containers: { nacos: resources, members: MEMBERS_RESOURCES },
    initContainers: { conf: copying },
    claimsGiB: [storageGiB],
    storageClass,
  };
}
