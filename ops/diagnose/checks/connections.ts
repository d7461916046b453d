import { inTime } from "../../../runtime/mysql-controller/server";
import { problem, type Found } from "../check";
import { SERVER_MS } from "../world";
import { ofOwnMySql } from "./external";
import { percent } from "./usage";

export interface Connections {
  readonly server: string;
  readonly open: number;
  readonly most: number;
}

const [HIGH, FULL] = [0.8, 0.95];

export function evaluateConnections(servers: readonly Connections[]): Found {
  return {
    summary: servers.map(({ server, open, most }) => `${server} ${open} of ${most}`).join(", "),
    problems: servers
      .filter(({ open, most }) => open / most >= HIGH)
      .map(({ server, open, most }) =>
        problem(
          open / most >= FULL ? "escalate" : "watch",
          `${server} has ${percent(open / most)} of its connections in use`,
          "raise mysql.maxConnections, docs/configuration.md; docs/runbooks/incident-mysql.md#connections",
        ),
      ),
  };
}

/** Every account may read it. */
const STATEMENT = `SELECT @@GLOBAL.max_connections AS most,
  (SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Threads_connected') AS open`;

export const connections = ofOwnMySql("connections", async (world) => {
  const { topology } = await world.mysqlServers();
  const found = await Promise.all(
    topology.servers.map(async (server) => {
      const [row] = await inTime(server.query(STATEMENT), SERVER_MS).catch(() => []);
      return row === undefined ? [] : [{ server: server.name, open: Number(row.open), most: Number(row.most) }];
    }),
  );
  if (found.flat().length === 0) throw new Error("no server answers");
  return evaluateConnections(found.flat());
});
