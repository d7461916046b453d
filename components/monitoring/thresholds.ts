import { everywhere, integer } from "../../config/fields";
import { group } from "../../config/groups";

const percent = (description: string, value: number) =>
  integer({ description, min: 1, max: 100, default: everywhere(value) });

const count = (description: string, value: number, max: number) =>
  integer({ description, min: 1, max, default: everywhere(value) });

/** Every key below `nacos-platform:monitoring.thresholds`. How old a backup may be is `mysql.backup.maxAgeHours`. */
export const thresholds = group({
  heapPercent: percent("NacosHeapHigh: heap of a Nacos server that is used, in percent.", 90),
  directMemoryPercent: percent("NacosDirectMemoryHigh: direct memory of a Nacos server that is used, in percent.", 90),
  pushMilliseconds: count("NacosPushSlow: average time of a push to a client, in ms.", 1000, 60_000),
  instancesDropPercent: percent(
    "NacosInstancesDropped: share of the registered instances that is lost within 15 minutes, in percent.",
    30,
  ),
  publishesIn5Minutes: count("NacosPublishBurst: configurations that are published within 5 minutes.", 50, 1_000_000),
  connectionsPercent: percent("MySqlConnectionsHigh: connections of `max_connections` that are used, in percent.", 80),
  replicaBehindSeconds: count("MySqlReplicaBehind: how far a replica is behind its source, in s.", 60, 86_400),
  certificateDays: count("MySqlCertificateExpires: days before a certificate expires.", 30, 365),
  pausedMinutes: count("MySqlControllerPaused: how long the controller may be paused, in minutes.", 60, 10_080),
  verificationAgeHours: count("VerificationTooOld: age of the last successful verification, in hours.", 30, 720),
  volumeWarningPercent: percent("VolumeFilling: space of a volume that is used, in percent.", 80),
  volumeCriticalPercent: percent("VolumeAlmostFull: space of a volume that is used, in percent.", 90),
  restartsInHour: count("PodFrequentlyRestarting: restarts of a container within an hour that are accepted.", 5, 1000),
  cpuPercent: percent("ContainerHighCpu: CPU of the limit that is used, in percent.", 80),
  memoryPercent: percent("ContainerHighMemory: memory of the limit that is used, in percent.", 90),
  quotaPercent: percent("QuotaNearlyUsed: part of a quota that is used, in percent.", 90),
});
