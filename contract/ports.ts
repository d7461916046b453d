/** Ports on which the platform's pods listen. */

export const MYSQL_PORT = 3306;

/** Default port of `ops mysql tunnel`, on 127.0.0.1. */
export const TUNNEL_PORT = 13306;
export const TUNNEL = `127.0.0.1:${TUNNEL_PORT}`;

/** Metrics of each MySQL server. */
export const EXPORTER_PORT = 9104;

/** Health and metrics of MySQL's controller. */
export const CONTROLLER_PORT = 8080;

/** Nacos' ports that are the same in every supported series. The console's port is not: see components/nacos/versions.ts. */
export const NACOS_PORTS = {
  http: 8848,
  /** gRPC for clients, always the HTTP port + 1000, because clients compute it. */
  clientGrpc: 9848,
  /** gRPC between servers, the HTTP port + 1001. */
  serverGrpc: 9849,
  /** Raft, the HTTP port - 1000. */
  raft: 7848,
} as const;

/** The container beside each Nacos server that keeps its member list. */
export const MEMBERS_PORT = 8849;
