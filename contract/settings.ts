/** What the controller and `ops` know of the stack's MySQL servers: `settings.json` in the ConfigMap `mysql-topology`. */
export interface Settings {
  readonly namespace: string;
  /** Name of the set, from which the names of its other objects are derived, see `mysqlObjects`. */
  readonly name: string;
  /** Pods of the servers, in order; none if MySQL is external. */
  readonly servers: readonly string[];
  /** DNS suffix of the pods: `<pod>.<hostSuffix>`. */
  readonly hostSuffix: string;
  readonly semiSync: "required" | "preferred";
  readonly failover: "manual" | "automatic";
  /** How often the servers close their binary logs, so that they can be copied off-site; absent if nobody copies them. */
  readonly rotateLogsSeconds?: number;
}
