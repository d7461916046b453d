import type { Peer } from "./connections";

/** Who reads the metrics of pods, and how it finds them. */
export interface Scraping {
  /** Namespaces with all these labels may reach the ports of metrics. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** Whether pods have the annotations by which Prometheus finds them. */
  readonly annotated: boolean;
}

/** Who may reach ports of metrics, for the network policy of their pods. */
export function scrapers(
  { namespaceLabels }: Scraping,
  ...ports: readonly number[]
): { peers: readonly Peer[]; ports: readonly number[] } {
  return { peers: [{ namespaces: namespaceLabels }], ports };
}

/** Annotations of pods that serve metrics, for one port. They are a convention of Prometheus' configurations, not of Prometheus. */
export function scrapeAnnotations(
  { annotated }: Scraping,
  { port, path }: { readonly port: number; readonly path: string },
): Record<string, string> {
  if (!annotated) return {};
  return { "prometheus.io/scrape": "true", "prometheus.io/port": String(port), "prometheus.io/path": path };
}
