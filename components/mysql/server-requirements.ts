import * as pulumi from "@pulumi/pulumi";
import type { Connection, RowDataPacket } from "mysql2/promise";

/** What a server that is not the stack's own has to be. */
export interface ServerRequirements {
  /** Certificates of the CAs that sign the server's, PEM. */
  readonly caCertificates: string;
  /** Connections that the platform may open at a time. */
  readonly connections: number;
}

interface ServerRow extends RowDataPacket {
  readonly logs: number;
  readonly gtidMode: string;
  readonly readOnly: number;
  readonly activatesRoles: number;
  readonly connections: number;
}

/** @throws RunError that names everything that an external server lacks. */
export async function requireFit(endpoint: string, connection: Pick<Connection, "query">, { connections }: ServerRequirements): Promise<void> {
  const [[{ version }]] = await connection.query<RowDataPacket[]>("SELECT @@version AS version");
  // Older ones do not know what is asked for next.
  if (!isSupported(version as string)) throw new pulumi.RunError(`MySQL at ${endpoint} is of version ${String(version)}, and 8.0.22 or newer is needed.`);
  const [[server]] = await connection.query<ServerRow[]>("SELECT @@GLOBAL.log_bin AS logs, @@GLOBAL.gtid_mode AS gtidMode, @@GLOBAL.read_only AS readOnly, @@GLOBAL.activate_all_roles_on_login AS activatesRoles, @@GLOBAL.max_connections AS connections");
  const faults = [
    ...(server.logs === 1 ? [] : ["log_bin is OFF, and without a binary log no transaction has an id, by which a backup is known: switch it on (on a managed database, by keeping automatic backups)"]),
    ...(server.gtidMode === "ON" ? [] : [`gtid_mode is ${server.gtidMode}, and a backup is known by its transactions' ids: set it to ON, with enforce_gtid_consistency`]),
    ...(server.activatesRoles === 1 ? [] : ["activate_all_roles_on_login is OFF, and accounts have their privileges by roles: set it to ON"]),
    ...(server.readOnly === 0 ? [] : ["it is read-only: mysql.endpoint and mysql.host have to lead to the primary"]),
    ...(server.connections >= connections ? [] : [`max_connections is ${server.connections}, and the platform may open ${connections} (nacos.replicas × nacos.databasePoolSize + mysql.connectionReserve): raise it, or lower these`]),
  ];
  if (faults.length > 0) throw new pulumi.RunError(`MySQL at ${endpoint} cannot be used:\n${faults.map((fault) => `- ${fault}`).join("\n")}`);
}

/** MySQL of 8.0.22 or newer, the first that speaks of replicas. */
function isSupported(version: string): boolean {
  const [major, minor, patch] = version.split(".").map((part) => parseInt(part, 10));
  return !/mariadb/i.test(version) && (major > 8 || (major === 8 && (minor > 0 || patch >= 22)));
}
