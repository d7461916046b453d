import { IDENTITIES, selectorLabels } from "../../contract/identities";
import { BACKUP_CRON_JOBS } from "../../contract/objects";
import { NO_REGISTRY } from "../../contract/registry-restore";
import { ifThere, type KubernetesApi } from "../../clients/kubernetes/api";
import { gauges, type Metric } from "../prometheus";

/** What the controller knows about itself. */
export interface ControllerState {
  readonly leads: boolean;
  /** Number of problems of the servers, as the log names them. */
  readonly problems: number;
  readonly isPaused: boolean;
  /** Number of errant transactions that the holder of the lease has noted. */
  readonly errant: number;
}

interface CronJob {
  readonly status?: { readonly lastSuccessfulTime?: string };
}

interface JobList {
  readonly items: readonly {
    readonly metadata: { readonly ownerReferences?: readonly { readonly name: string }[] };
    readonly status?: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly lastTransitionTime: string;
      }[];
    };
  }[];
}

interface PodList {
  readonly items: readonly {
    readonly status?: {
      readonly containerStatuses?: readonly {
        readonly state?: {
          readonly terminated?: { readonly exitCode: number; readonly finishedAt: string; readonly message?: string };
        };
      }[];
    };
  }[];
}

/** Results of backups and verifications, from their Jobs and pods at the API server. Nothing if the stack makes no backups. */
export async function backupMetrics(api: KubernetesApi, namespace: string): Promise<Metric[]> {
  const batch = `/apis/batch/v1/namespaces/${namespace}`;
  const { items } = await api.get<JobList>(`${batch}/jobs`);
  const metrics = await Promise.all(
    (["backup", "verify"] as const).map(async (role): Promise<Metric[]> => {
      const cronJob = await ifThere(api.get<CronJob>(`${batch}/cronjobs/${BACKUP_CRON_JOBS[role]}`));
      if (cronJob === undefined) return [];
      const ends = items
        .filter(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === BACKUP_CRON_JOBS[role]))
        .flatMap(
          ({ status }) =>
            status?.conditions?.filter(
              (condition) => condition.status === "True" && ["Complete", "Failed"].includes(condition.type),
            ) ?? [],
        )
        .sort((a, b) => a.lastTransitionTime.localeCompare(b.lastTransitionTime));
      const what = role === "backup" ? "backup" : "verification of a backup";
      return [
        {
          name: `${role}_last_success_timestamp_seconds`,
          help: `When the last successful ${what} ended; 0 if none ever did.`,
          value: Date.parse(cronJob.status?.lastSuccessfulTime ?? "1970-01-01T00:00:00Z") / 1000,
        },
        {
          name: `${role}_failed`,
          help: `Whether the last ${what} failed.`,
          value: ends.at(-1)?.type === "Failed" ? 1 : 0,
        },
        ...(role === "backup" ? await registryMetric(api, namespace) : []),
      ];
    }),
  );
  return metrics.flat();
}

/** From the last messages of the pods that are kept; nothing if there are none, for example after a node was drained. */
async function registryMetric(api: KubernetesApi, namespace: string): Promise<Metric[]> {
  const selector = Object.entries(selectorLabels(IDENTITIES.mysqlBackup)).map((pair) => pair.join("="));
  const { items } = await api.get<PodList>(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector.join())}`,
  );
  const complete = items
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .flatMap(({ state }) => state?.terminated ?? [])
    .filter(({ exitCode }) => exitCode === 0);
  if (complete.length === 0) return [];
  const times = complete
    .filter(({ message = "" }) => !message.includes(NO_REGISTRY))
    .map(({ finishedAt }) => Date.parse(finishedAt) / 1000);
  return [
    {
      name: "backup_last_registry_timestamp_seconds",
      help: "When the last successful backup with Nacos' registry ended; 0 if no recent one has it.",
      value: Math.max(0, ...times),
    },
  ];
}

/** Metrics for which the API server is asked, or none and a line in the log: those of MySQL's servers are served without them. */
export async function orNone(metrics: Promise<Metric[]>, log: (message: string) => void): Promise<Metric[]> {
  try {
    return await metrics;
  } catch (error) {
    log(`problem: serves no metrics of backups: ${String(error)}`);
    return [];
  }
}

/** In Prometheus' text format. @param state none if there are no servers to lead */
export function metricsText(state: ControllerState | undefined, others: readonly Metric[]): string {
  const leading = (state: ControllerState): Metric[] => [
    { name: "controller_leads", help: "Whether this controller holds the lease.", value: state.leads ? 1 : 0 },
    {
      name: "problems",
      help: "Number of problems of the servers, as the log of the controller that holds the lease names them.",
      value: state.problems,
    },
    { name: "controller_paused", help: "Whether the controllers are paused.", value: state.isPaused ? 1 : 0 },
    { name: "errant_transactions", help: "Number of errant transactions on all servers.", value: state.errant },
  ];
  return gauges("nacos_platform_mysql_", [...(state === undefined ? [] : leading(state)), ...others]);
}
