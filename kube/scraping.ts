import type { Peer } from "./connections";

/** Who reads the metrics of pods, and how it finds them. */
export interface Scraping {
  /** Namespaces with all these labels may reach the ports of metrics. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** Whether pods have the annotations by which Prometheus finds them. */
  readonly annotated: boolean;
}

/** Who may reach a port of metrics, for the network policy of its pods. */
export function scrapers({ namespaceLabels }: Scraping, port: number): { peers: readonly Peer[]; ports: number[] } {
  return { peers: [{ namespaces: namespaceLabels }], ports: [port] };
}

/** Annotations of pods that serve metrics. They are a convention of Prometheus' configurations, not of Prometheus. */
export function scrapeAnnotations(
  { annotated }: Scraping,
  { port, path }: { readonly port: number; readonly path: string },
): Record<string, string> {
  if (!annotated) return {};
  return { "prometheus.io/scrape": "true", "prometheus.io/port": String(port), "prometheus.io/path": path };
}
