import type { Query } from "./accounts";

/**
 * What an external server lacks. The stack's own are made as they have to be.
 *
 * @param connections that the platform may open at a time
 * @returns one sentence for each; none if the server can be used
 */
export async function shortcomings(query: Query, connections: number): Promise<string[]> {
  const [{ version }] = await query("SELECT @@version AS version");
  // Older ones do not know what is asked for next.
  if (!isSupported(version as string)) return [`its version is ${String(version)}, and 8.0.22 or newer is needed`];
  const [server] = await query(
    "SELECT @@GLOBAL.log_bin AS logs, @@GLOBAL.gtid_mode AS gtidMode, @@GLOBAL.max_connections AS connections",
  );
  return [
    ...(server.logs === 1
      ? []
      : [
          "log_bin is OFF, and without a binary log no transaction has an id, by which a backup is known: switch it on (on a managed database, by keeping automatic backups)",
        ]),
    ...(server.gtidMode === "ON"
      ? []
      : [
          `gtid_mode is ${String(server.gtidMode)}, and a backup is known by its transactions' ids: set it to ON, with enforce_gtid_consistency`,
        ]),
    ...((server.connections as number) >= connections
      ? []
      : [
          `max_connections is ${String(server.connections)}, and the platform may open ${connections} (nacos.replicas × nacos.databasePoolSize + mysql.connectionReserve): raise it, or lower these`,
        ]),
  ];
}

/** MySQL of 8.0.22 or newer, the first that speaks of replicas. */
function isSupported(version: string): boolean {
  const [major, minor, patch] = version.split(".").map((part) => parseInt(part, 10));
  return !/mariadb/i.test(version) && (major > 8 || (major === 8 && (minor > 0 || patch >= 22)));
}
