/** How much a server has, by its own metrics. They are up to 15 s old. A number that it does not give is undefined. */
export interface Counts {
  /** gRPC connections, of clients and of other servers. */
  readonly connections: number | undefined;
  /** Configurations in its memory. */
  readonly configurations: number | undefined;
  readonly services: number | undefined;
  readonly instances: number | undefined;
  /** Addresses with persistent instances, which come by Raft. This one is up to date. */
  readonly persistent: number | undefined;
}

/** What a server's `/actuator/prometheus` says. The names are the same in every series from 2.2 to 3.2. */
export function metricCounts(text: string): Omit<Counts, "persistent"> {
  const gauges = new Map(
    [...text.matchAll(/^nacos_monitor\{(?:[^}]*,)?name="(\w+)"[^}]*\}\s+(\S+)/gm)].map(
      ([, name, value]) => [name, Number(value)] as const,
    ),
  );
  const of = (name: string): number | undefined => {
    const value = gauges.get(name);
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  return {
    connections: of("longConnection"),
    configurations: of("configCount"),
    services: of("serviceCount"),
    instances: of("ipCount"),
  };
}
