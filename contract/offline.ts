/** Environment variable of a preview without a cluster, which `make preview` sets: what only the cluster knows is not checked. */
export const OFFLINE = "NACOS_PLATFORM_OFFLINE";
