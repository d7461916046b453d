import { ApiError, type KubernetesApi } from "../../clients/kubernetes/api";
import type { Metric } from "../prometheus";

/** How late a server may be with the copies of its binary logs. They are closed every 30 s and copied every 15 s. */
const MAX_LATE_SECONDS = 300;
/** How old a server's last report may be. Its container reports every minute, however long a copy takes. */
const MAX_SILENT_SECONDS = 150;
const LOOK_MS = 30_000;

/** When a server had last copied everything; undefined if it does not report that, an error if its reports cannot be read. */
export type CopiedAt = number | undefined | Error;

/**
 * Since when a server has not copied all of its closed binary logs off-site. Its container reports by its own clock, and the
 * kubelet of the same machine chooses the reports, so no clock of another machine matters.
 *
 * @returns undefined if there is no report of the last minutes, or no such container
 * @throws Error if the reports cannot be read
 */
export async function copiedAt(
  api: Pick<KubernetesApi, "text">,
  namespace: string,
  server: string,
): Promise<number | undefined> {
  const log = await api
    .text(`/api/v1/namespaces/${namespace}/pods/${server}/log?container=binlogs&sinceSeconds=${MAX_SILENT_SECONDS}`)
    .catch((error: unknown) => {
      // The API server answers 400 for a container that has not started.
      if (error instanceof ApiError && [400, 404].includes(error.status)) return "";
      throw error;
    });
  const report = [...log.matchAll(/^binlogs: late by (\d+) s$/gm)].at(-1);
  return report && Date.now() - Number(report[1]) * 1000;
}

/** What an operator should know about the copies. */
export function shippingProblems(
  copied: ReadonlyMap<string, CopiedAt>,
  now: number,
  duration = (minutes: number) => `${minutes} minutes`,
): string[] {
  return [...copied].flatMap(([server, at]) => {
    if (at instanceof Error) return [`the reports of ${server} on its binary logs cannot be read: ${at.message}`];
    const late = at === undefined ? undefined : Math.floor((now - at) / 1000);
    if (late !== undefined && late <= MAX_LATE_SECONDS) return [];
    const what =
      late === undefined
        ? "does not report the copies of its binary logs"
        : `has not copied all of its binary logs off-site for ${duration(Math.floor(late / 60))}`;
    return [`${server} ${what}: \`kubectl logs ${server} -c binlogs\` shows why`];
  });
}

/** Looks regularly how late the servers' copies are, for metrics and problems. */
export class ShippingWatch {
  private readonly copied: Map<string, number>;

  constructor(
    servers: readonly string[],
    private readonly lookAt: (server: string) => Promise<number | undefined>,
  ) {
    this.copied = new Map(servers.map((server) => [server, Date.now()]));
  }

  /** Looks now, and regularly from then on. */
  start(): void {
    void this.look();
    setInterval(() => void this.look(), LOOK_MS).unref();
  }

  /** A server without a report is late since its last one, also if that cannot be read. */
  async look(): Promise<void> {
    await Promise.all(
      [...this.copied.keys()].map(async (server) => {
        const at = await this.lookAt(server).catch(() => undefined);
        if (at !== undefined) this.copied.set(server, at);
      }),
    );
  }

  /** The same text as long as a problem lasts, because the controller logs each text that is new. */
  problems(): string[] {
    return shippingProblems(this.copied, Date.now(), () => `more than ${MAX_LATE_SECONDS / 60} minutes`);
  }

  metrics(): Metric[] {
    return [...this.copied].map(([server, at]) => ({
      name: "binlogs_late_seconds",
      help: "For how long the server has not copied all of its closed binary logs off-site.",
      labels: { server },
      value: Math.round((Date.now() - at) / 1000),
    }));
  }
}
