/** Ports on which the platform's pods listen. */

export const MYSQL_PORT = 3306;

/** Default port of `ops mysql tunnel`, on 127.0.0.1. */
export const TUNNEL_PORT = 13306;
export const TUNNEL = `127.0.0.1:${TUNNEL_PORT}`;

/** Metrics of each MySQL server. */
export const EXPORTER_PORT = 9104;

/** Health and metrics of MySQL's controller. */
export const CONTROLLER_PORT = 8080;

/** Nacos' ports that are the same in every supported series. The console's port is not. */
export const NACOS_PORTS = {
  http: 8848,
  /** gRPC for clients, always the HTTP port + 1000, because clients compute it. */
  clientGrpc: 9848,
  /** gRPC between servers, the HTTP port + 1001. */
  serverGrpc: 9849,
  /** Raft, the HTTP port - 1000. */
  raft: 7848,
} as const;

/** Where pods serve metrics for Prometheus: the port, with its name in the pod, and the path. */
export const METRICS = {
  nacos: { port: NACOS_PORTS.http, portName: "http", path: "/nacos/actuator/prometheus" },
  mysql: { port: EXPORTER_PORT, portName: "metrics", path: "/metrics" },
  controller: { port: CONTROLLER_PORT, portName: "http", path: "/metrics" },
  members: { port: 8849, portName: "members", path: "/metrics" },
} as const;

/** Port of Nacos' console since 3.0. Before, the console is a part of the HTTP port. */
export const NACOS_CONSOLE_PORT = 8080;

/** The console's page on its port. */
export function consolePath(port: number): string {
  return port === NACOS_PORTS.http ? "/nacos/" : "/";
}

/** Default port of `ops nacos console`, on 127.0.0.1. */
export const CONSOLE_PORT = 28080;

/** The container beside each Nacos server that keeps its member list. */
export const MEMBERS_PORT = METRICS.members.port;
