import { DATABASE } from "../../../contract/accounts";
import { Refusal } from "../../../contract/refusal";
import { configurationMd5 } from "../../../runtime/mysql-backup/statements";
import { ConfigurationsApi } from "../../../runtime/nacos-configurations/api";
import { NacosHttp } from "../../../runtime/nacos-http";
import { frozenUntil } from "../../../runtime/nacos-schema/freeze";
import type { Query, Table } from "../../../runtime/nacos-schema/tables";
import { requireNoTwins } from "../../../runtime/nacos-schema/twins";
import { describe } from "../../report";
import { said, type Look } from "../../nacos/look";
import { differences } from "../../nacos/problems";
import { problem, UNREADABLE, type Check, type Found, type Problem } from "../check";
import { SERVER_MS, type World } from "../world";

/** How many configurations are compared: those that were published last. */
const SAMPLE = 5;
/** A publish reaches every server within this time. */
const SETTLED_SECONDS = 40;
const RESTORE = "docs/runbooks/incident-configuration.md";

export interface Row {
  readonly dataId: string;
  readonly group: string;
  readonly tenant: string;
  readonly md5: string;
}

/** What a server gives to its clients instead of what the database has. */
export interface Stale {
  readonly server: string;
  readonly row: Row;
  readonly md5: string | undefined;
}

export interface InDatabase {
  /** End of a freeze. */
  readonly frozen: string | undefined;
  /** Namespaces that have configurations, and do not exist. */
  readonly orphans: readonly string[];
  /** Why no server of 3.x would start, if so. */
  readonly twins: string | undefined;
  readonly compared: number;
  readonly stale: readonly Stale[];
}

export function evaluateConfigurations({ frozen, orphans, twins, compared, stale }: InDatabase): Found {
  const servers = [...new Set(stale.map(({ server }) => server))];
  const problems: Problem[] = [
    ...servers.map((server) => {
      const [{ row, md5 }, ...others] = stale.filter((one) => one.server === server);
      return problem(
        "escalate",
        `${server} gives its clients ${md5 === undefined ? "nothing" : "another content"} for ${row.tenant || "public"}/${row.group}/${row.dataId}${others.length === 0 ? "" : ` and ${others.length} more`}, says the database`,
        `kubectl delete pod ${server}; ${RESTORE}`,
      );
    }),
    ...(frozen === undefined
      ? []
      : [problem("watch", `publishing is frozen until ${frozen} UTC`, "docs/runbooks/nacos-upgrade.md")]),
    ...(orphans.length === 0
      ? []
      : [
          problem(
            "watch",
            `configurations are in namespaces that do not exist: ${orphans.join(", ")}`,
            "create the namespace with this ID in the console, or delete them; docs/runbooks/nacos-console.md",
          ),
        ]),
  ];
  if (twins !== undefined) problems.push(problem("watch", twins, "docs/runbooks/nacos-upgrade.md"));
  return {
    summary: `of the ${compared} newest, ${compared - new Set(stale.map(({ row }) => row)).size} are the same in the database and at every server`,
    problems,
  };
}

/** @throws anything but the refusal */
async function twinsIn(query: Query): Promise<string | undefined> {
  try {
    await requireNoTwins(query, [{ name: "config_info" } as Table]);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** Without those that were published or deleted while the servers were asked. */
export async function stillStale(query: Query, stale: readonly Stale[]): Promise<Stale[]> {
  const kept = await Promise.all(
    stale.map(async (one) => {
      const { tenant, group, dataId, md5 } = one.row;
      const [now] = (await query(configurationMd5(tenant, group, dataId))) as Partial<Row>[];
      return now?.md5 === md5 ? [one] : [];
    }),
  );
  return kept.flat();
}

async function inDatabase(world: World, { servers }: Look): Promise<InDatabase> {
  const query = (await world.database()) as Query;
  const [frozen, twins, orphans, rows] = await Promise.all([
    frozenUntil(query),
    twinsIn(query),
    query(
      `SELECT DISTINCT tenant_id AS tenant FROM ${DATABASE}.config_info
        WHERE tenant_id NOT IN ('', 'public') AND tenant_id NOT IN (SELECT tenant_id FROM ${DATABASE}.tenant_info)`,
    ),
    // Servers write their own time, which is UTC. Those of 3.x keep a copy of what is public for 2.x, with an empty ID.
    query(
      `SELECT data_id AS dataId, group_id AS \`group\`, tenant_id AS tenant, md5 FROM ${DATABASE}.config_info one
        WHERE gmt_modified < UTC_TIMESTAMP() - INTERVAL ${SETTLED_SECONDS} SECOND
          AND NOT (tenant_id = '' AND EXISTS (SELECT 1 FROM ${DATABASE}.config_info two
            WHERE two.tenant_id = 'public' AND two.data_id = one.data_id AND two.group_id = one.group_id))
        ORDER BY gmt_modified DESC LIMIT ${SAMPLE}`,
    ),
  ]);
  const { identity, endpoint } = await world.nacosTunnels();
  const answering = servers.filter((server) => said(server) !== undefined);
  if (answering.length === 0) throw new Error("no Nacos server answers");
  const stale = await Promise.all(
    answering.map(async ({ name, host, version }) => {
      const http = new NacosHttp(host, version, () => identity, await endpoint(name), SERVER_MS);
      const served = await ConfigurationsApi.of(http);
      const found: Stale[] = [];
      // One after the other, over one connection: each is a tunnel of its own.
      for (const row of rows as unknown as Row[]) {
        const md5 = await served.servedMd5({ ...row, namespace: row.tenant === "" ? "public" : row.tenant });
        if (md5 !== row.md5) found.push({ server: name, row, md5 });
      }
      return found;
    }),
  );
  return {
    frozen,
    twins,
    orphans: (orphans as unknown as { tenant: string }[]).map(({ tenant }) => tenant),
    compared: rows.length,
    stale: await stillStale(query, stale.flat()),
  };
}

export const configurations: Check = {
  name: "configurations",
  look: async (world) => {
    const look = await world.nacos();
    // A server counts every 10 s, so a publish of just now may be the reason.
    const counts = differences(look, "configurations", "configurations").map((reason) =>
      problem("watch", `${reason}, up to 12 s ago`, "ops nacos status; docs/runbooks/nacos-status.md"),
    );
    const compared =
      world.cluster.mysql.mode === "external"
        ? { summary: "MySQL is external: not compared", problems: [] }
        : await inDatabase(world, look).then(evaluateConfigurations, (error: unknown) => ({
            summary: "not compared with the database",
            problems: [problem("unknown", `what the database has: ${describe(error)}`, UNREADABLE)],
          }));
    return { summary: compared.summary, problems: [...compared.problems, ...counts] };
  },
};
