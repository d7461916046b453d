import * as fs from "node:fs";
import * as path from "node:path";
import { format } from "mysql2";
import { pause } from "../../clients/pause";
import { ConfigurationsApi } from "../nacos-configurations/api";
import { compare, type Comparison, type Failed } from "../nacos-configurations/compare";
import type { Namespace } from "../nacos-namespace";
import { Collector, type Found, type Row, type Selection } from "../nacos-configurations/configuration";
import { frozenUntil } from "../nacos-schema/freeze";
import { publishAll, publishedText, type Published, type Restored } from "../nacos-configurations/publish";
import { objects, readIfThere, writeValues } from "./folder";
import { UNCHANGED } from "./load-plan";
import { conclude, FOLDERS, login, nacosHttp, optionalSetting, setting } from "./pod";
import { reasonOf, withServer, type Query } from "./server";
import { configurationMd5, configurationQueries } from "./statements";

const { work } = FOLDERS;
/** What the step that compares leaves to the one that publishes. */
const FOLDER = path.join(work, "configurations");
const RESTORED = path.join(FOLDER, "restored");
/** A publish writes to MySQL, which may be busy. */
const ANSWER_MS = 60_000;
/** A content has up to 10 Mi characters. */
const ANSWER_BYTES = 64 * 2 ** 20;

/** The configurations to restore; undefined if databases are restored. */
export function selected(): Selection | undefined {
  const namespace = optionalSetting("CONFIGURATIONS_OF");
  return namespace === undefined
    ? undefined
    : { namespace, group: optionalSetting("GROUP"), dataId: optionalSetting("DATA_ID") };
}

/**
 * Compares the configurations in the scratch instance with the live ones. Unless it only plans, it leaves those that differ to
 * the step that publishes.
 *
 * @param summary of the restored data
 */
export async function compareStep(wanted: Selection, isPlan: boolean, summary: string): Promise<number> {
  const fail = (reason: string): number => {
    conclude(`${summary}\n${UNCHANGED}: ${reason}`);
    return 1;
  };
  const then = await restored(wanted);
  if (then.configurations.length === 0) return fail("there was no such configuration at that time. Is the name right?");
  const primary = setting("PRIMARY");
  const answers = await Promise.all([
    unless("Nacos does not answer", ConfigurationsApi.of(nacosHttp(ANSWER_MS, ANSWER_BYTES))),
    unless(
      `the primary ${primary} does not answer`,
      withServer(primary, login(), async (query) => ({
        ...(await live(query, wanted)),
        frozen: await frozenUntil((statement, values = []) => query(format(statement, [...values]))),
      })),
    ),
  ]).catch((error: Error) => error.message);
  if (typeof answers === "string") return fail(answers);
  const [api, now] = answers;
  const frozen =
    now.frozen === undefined ? [] : [`publishing is frozen until ${now.frozen} UTC: an upgrade is under way`];
  // The database would refuse each of them.
  if (frozen.length > 0 && !isPlan) return fail(frozen[0]);
  const comparison = compare(wanted, then, now, api.isThree);
  for (const line of comparison.lines) console.log(line);
  const lost = now.namespace === undefined ? then.namespace : undefined;
  if (!isPlan) await leave(wanted, comparison, lost);
  const report = [
    summary,
    ...(lost === undefined ? [] : [`the namespace ${lost.id} (${lost.name}) is missing`]),
    ...frozen,
    "gray, beta and tag versions are left as they are",
    comparison.summary,
  ].join("\n");
  fs.writeFileSync(path.join(work, "report"), `${report}\n`);
  conclude(report);
  return 0;
}

/** Publishes what the step before has left, if it has left anything. */
export async function publishStep(): Promise<number> {
  const refused = readIfThere(FOLDER, "refused");
  if (refused === undefined) return 0;
  const result = await publishRestored(JSON.parse(refused) as Failed[]).catch((error: unknown) => ({
    count: 0,
    failed: [{ name: "all", reason: reasonOf(error) }],
  }));
  fs.appendFileSync(path.join(work, "report"), `${publishedText(result)}\n`);
  conclude(publishedText(result));
  return result.failed.length === 0 ? 0 : 1;
}

async function publishRestored(refused: readonly Failed[]): Promise<Published> {
  const api = await unless("Nacos does not answer", ConfigurationsApi.of(nacosHttp(ANSWER_MS, ANSWER_BYTES)));
  const lost = readIfThere(FOLDER, "namespace");
  const uncreated = lost === undefined ? [] : await createNamespace(api, JSON.parse(lost) as Namespace);
  const { count, failed } = await publishAll(objects<Restored>(RESTORED), {
    api,
    md5In: (tenant, group, dataId) =>
      withServer(setting("PRIMARY"), login(), async (query) => {
        const [row] = await query(configurationMd5(tenant, group, dataId));
        return row === undefined ? undefined : ((row.md5 as string | null) ?? "");
      }),
    now: () => performance.now(),
    pause,
    say: (line) => console.log(line),
  });
  return { count, failed: [...refused, ...uncreated, ...failed] };
}

/** Without it, its configurations are served all the same, but the console does not show them. */
async function createNamespace(api: ConfigurationsApi, namespace: Namespace): Promise<Failed[]> {
  const name = `namespace ${namespace.id}`;
  try {
    await api.createNamespace(namespace);
    console.log(`${name}: created`);
    return [];
  } catch (error) {
    return [{ name, reason: `it was not created: ${reasonOf(error)}` }];
  }
}

/** @throws Error that says what failed, with the reason */
function unless<T>(failure: string, asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    throw new Error(`${failure}: ${reasonOf(error)}`);
  });
}

/** What the scratch instance had. */
async function restored(wanted: Selection): Promise<Found> {
  const collector = new Collector(wanted);
  for await (const row of objects<Row>(path.join(work, "results", "configurations"))) collector.add(row);
  return collector.found;
}

async function live(query: Query, wanted: Selection): Promise<Found> {
  const collector = new Collector(wanted);
  for (const outer of configurationQueries(wanted, false))
    for (const inner of await query(outer))
      for (const { object } of await query(String(inner.query))) collector.add(JSON.parse(String(object)) as Row);
  return collector.found;
}

/** Writes what to publish, one at a time: all contents together may be more than the memory. */
async function leave(
  { namespace }: Selection,
  { publish, refused }: Comparison,
  lost: Namespace | undefined,
): Promise<void> {
  writeValues(FOLDER, { restored: "", ...(lost === undefined ? {} : { namespace: JSON.stringify(lost) }) });
  const wanted = new Map(publish.map((one) => [keyOf(one.then), one]));
  for await (const row of objects<Row>(path.join(work, "results", "configurations"))) {
    if (row.table !== "config_info") continue;
    const one = wanted.get(keyOf({ tenant: row.tenant_id ?? "", group: row.group_id, dataId: row.data_id }));
    if (one === undefined) continue;
    const entry: Restored = {
      configuration: { ...one.then, namespace, content: String(row.content) },
      md5Now: one.md5Now,
    };
    fs.appendFileSync(RESTORED, `${JSON.stringify(entry)}\n`);
  }
  // Written last: it says that the list is complete.
  fs.writeFileSync(path.join(FOLDER, "refused"), JSON.stringify(refused));
}

function keyOf({ tenant, group, dataId }: { readonly [Key in "tenant" | "group" | "dataId"]: unknown }): string {
  return JSON.stringify([tenant, group, dataId]);
}
