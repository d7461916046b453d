/** A gauge with one value for each set of labels. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** In Prometheus' text format. Values of one name have to follow each other. @param prefix of every name */
export function gauges(prefix: string, metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, help, labels = {}, value }, index) => {
      const full = `${prefix}${name}`;
      const head = metrics[index - 1]?.name === name ? "" : `# HELP ${full} ${help}\n# TYPE ${full} gauge\n`; // once for all labels
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      return `${head}${full}${pairs.length === 0 ? "" : `{${pairs.join()}}`} ${value}\n`;
    })
    .join("");
}
