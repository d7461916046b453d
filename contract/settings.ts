/** What the stack tells the controller and `ops` of its MySQL servers: `settings.json` in the ConfigMap `mysql-topology`. */
export interface Settings {
  readonly namespace: string;
  /** Of the set, by which its other objects are named, see `mysqlObjects`. */
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
