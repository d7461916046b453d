import * as fs from "node:fs";
import * as path from "node:path";
import { GtidSet } from "../gtid-set";
import { brokenViewsText, parseBrokenViews } from "./broken-views";
import { databasesFault } from "./choose-server";
import { fingerprint, readIfThere, readLines } from "./folder";
import {
  DUMP_FILE,
  type Manifest,
  MANIFEST_FILE,
  MANIFEST_FORMAT,
  parseCounts,
  parseManifest,
  REGISTRY_FILE,
} from "./manifest";
import { type DumpPlan, readDumpPlan } from "./plan-dump";
import { exportedRegistry, missingRegistry, registryText, registryWarning } from "./registry-file";
import { withoutFraction } from "./retention";
import { type BackupVolume, flush } from "./volume";

/** What dump.sh wrote. */
export interface DumpResults {
  /** Lines of transactions, name of the backup, identity of the server, version of the server. */
  readonly position: string;
  readonly databases: readonly string[];
  /** What the statement BROKEN_VIEWS returned. */
  readonly brokenViews: readonly string[];
  /** One JSON object for each table. */
  readonly counts: string;
  /** The beginning of the dump, up to its first database. */
  readonly header: string;
  /** The last line of the dump. */
  readonly end: string;
}

/** What mysqldump wrote in its header as the transactions that its snapshot holds. Empty if it wrote none. */
export function dumpedTransactions(header: string): string {
  const [, written = ""] = /GTID_PURGED=([^;]*);/.exec(header) ?? [];
  return written.replace(/\/\*.*?\*\//gs, "").replace(/['+\s]/g, "");
}

/**
 * The manifest of a dump.
 *
 * @throws Error if the dump is incomplete, or if the rows were counted in another snapshot than that of the dump.
 */
export function manifestOf(plan: DumpPlan, results: DumpResults, dump: Manifest["dump"], finishedAt: Date): Manifest {
  const [transactions = "", name = "", uuid = "", version = ""] = results.position.split("\n");
  if (!results.end.startsWith("-- Dump completed")) throw new Error("the dump does not end with its last line");
  if (plan.agreement === "lock") {
    const dumped = dumpedTransactions(results.header);
    if (!GtidSet.parse(dumped).equals(GtidSet.parse(transactions)))
      throw new Error(`the dump holds the transactions ${dumped}, the row counts were taken at ${transactions}`);
  }
  // They were checked before the dump; a database may have been created since then.
  const fault = databasesFault(plan.server, results.databases);
  if (fault !== undefined) throw new Error(fault);
  const brokenViews = parseBrokenViews(results.brokenViews);
  return {
    format: MANIFEST_FORMAT,
    name,
    server: { host: plan.server.replace(/:\d+$/, ""), uuid, version, role: plan.role },
    startedAt: plan.startedAt,
    finishedAt: withoutFraction(finishedAt),
    gtidExecuted: transactions,
    databases: results.databases,
    tables: parseCounts(results.counts),
    dump,
    ...(brokenViews.length === 0 ? {} : { brokenViews }),
  };
}

/**
 * Completes a backup: checks what dump.sh wrote, adds the manifest, and gives the folder its name. Until then it is unfinished,
 * and if anything fails it is removed.
 *
 * @param work the folder that the steps share
 * @throws Error if the backup cannot be used.
 */
export async function seal(work: string, volume: BackupVolume, finishedAt: () => Date): Promise<Manifest> {
  const plan = readDumpPlan(work);
  const file = path.join(plan.folder, DUMP_FILE);
  const results = readResults(path.join(work, "results"));
  const manifest = {
    ...manifestOf(plan, results, await fingerprint(file), finishedAt()),
    registry: exportedRegistry(work),
  };
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  parseManifest(text); // what no later step could read must not replace an older backup
  const folder = volume.folderOf(manifest.name);
  if (fs.existsSync(folder)) throw new Error(`there is a backup ${manifest.name} already`);
  const written = path.join(plan.folder, MANIFEST_FILE);
  fs.writeFileSync(written, text);
  const parts = [file, path.join(plan.folder, REGISTRY_FILE), written].filter((part) => fs.existsSync(part));
  for (const part of [...parts, plan.folder]) flush(part);
  fs.renameSync(plan.folder, folder);
  flush(volume.root);
  return manifest;
}

function readResults(folder: string): DumpResults {
  // Not trimmed: the first line is empty on a server that has no transactions.
  const position = fs.readFileSync(path.join(folder, "position"), "utf8");
  return {
    position,
    databases: readLines(folder, "databases"),
    brokenViews: readLines(folder, "broken-views"),
    counts: readIfThere(folder, "counts") ?? "",
    header: readIfThere(folder, "header") ?? "",
    end: readIfThere(folder, "end") ?? "",
  };
}

/** The last lines of a backup. */
export function sealedText(manifest: Manifest, server: string): string {
  const { name, tables, dump } = manifest;
  const has = `${name} is complete: ${tables.length} tables, ${dump.bytes} bytes, from ${server}`;
  const registry = missingRegistry(manifest) === undefined ? `, with ${registryText(manifest)}` : "";
  return [`${has}${registry}`, ...warningsOf(manifest)].join("\n");
}

/** What a backup lacks that is complete all the same, one line each. @param unlisted why the object store could not be listed */
export function warningsOf(manifest: Manifest, unlisted: readonly string[] = []): string[] {
  const { brokenViews = [] } = manifest;
  return [
    ...(brokenViews.length === 0
      ? []
      : [`warning: the dump lacks ${brokenViewsText(brokenViews)}; the manifest has the definitions`]),
    ...registryWarning(manifest),
    ...unlisted.map((fault) => `warning: no earlier backup was copied off-site and none was removed there: ${fault}`),
  ];
}
