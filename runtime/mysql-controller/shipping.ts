import type { KubernetesApi } from "../../clients/kubernetes/api";
import type { Metric } from "../prometheus";

/** How late a server may be with the copies of its binary logs. They are closed every 30 s and copied every 15 s. */
const MAX_LATE_SECONDS = 300;
const LOOK_MS = 30_000;

/**
 * Since when a server has not copied all of its closed binary logs off-site. Its container reports by its own clock, and the
 * kubelet of the same machine chooses the reports, so no clock of another machine matters.
 *
 * @returns undefined if there is no report of the last minutes
 */
export async function copiedAt(
  api: Pick<KubernetesApi, "text">,
  namespace: string,
  server: string,
): Promise<number | undefined> {
  const log = await api
    .text(`/api/v1/namespaces/${namespace}/pods/${server}/log?container=binlogs&sinceSeconds=${MAX_LATE_SECONDS}`)
    .catch(() => "");
  const report = [...log.matchAll(/^binlogs: late by (\d+) s$/gm)].at(-1);
  return report && Date.now() - Number(report[1]) * 1000;
}

/** What an operator should know about the copies. @param copied when each server had last copied everything, if it is known */
export function shippingProblems(copied: ReadonlyMap<string, number | undefined>, now: number): string[] {
  return [...copied].flatMap(([server, at]) => {
    const late = at === undefined ? undefined : Math.floor((now - at) / 1000);
    if (late !== undefined && late <= MAX_LATE_SECONDS) return [];
    const what =
      late === undefined
        ? "does not report the copies of its binary logs"
        : `has not copied all of its binary logs off-site for ${Math.floor(late / 60)} minutes`;
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

  /** A server without a report is late since its last one. */
  async look(): Promise<void> {
    await Promise.all(
      [...this.copied.keys()].map(async (server) => {
        const at = await this.lookAt(server);
        if (at !== undefined) this.copied.set(server, at);
      }),
    );
  }

  problems(): string[] {
    return shippingProblems(this.copied, Date.now());
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
