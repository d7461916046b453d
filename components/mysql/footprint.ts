import type { ContainerResources, WorkloadFootprint } from "../../kube/footprint";
import { BINLOG_SIDECAR_RESOURCES } from "./backup/binlog-sidecar";

export interface MySqlSizing {
  readonly resources: ContainerResources;
  /** Number of servers, including the primary. */
  readonly servers: number;
  /** Whether the servers' binary logs are copied off-site. */
  readonly shipsLogs: boolean;
  /** Size of each server's claim, in GiB. Claims can grow and never become smaller, see claims.ts. */
  readonly storageGiB: number;
  /** A class that exists. If `protect` is set, it has to retain its volumes. */
  readonly storageClass: string;
}

/** What the servers take of the namespace's quota. */
export function mysqlFootprint({
  resources,
  storageGiB,
  storageClass,
  servers,
  shipsLogs,
}: MySqlSizing): WorkloadFootprint {
  const exporter = { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "100m", memory: "64Mi" } };
  // The sidecar is listed among the init containers, but runs as long as the others.
  const sidecar: Record<string, ContainerResources> = shipsLogs ? { binlogs: BINLOG_SIDECAR_RESOURCES } : {};
  return {
    workload: "StatefulSet/mysql",
    pods: servers,
    surgePods: 0,
    containers: { mysql: resources, exporter, ...sidecar },
    initContainers: {},
    claimsGiB: [storageGiB],
    storageClass,
  };
}
