import { GtidSet } from "../gtid-set";
import type { RegistryCounts } from "../nacos-registry/registry";
import type { BrokenView } from "./broken-views";
import type { Fingerprint } from "./folder";

export const MANIFEST_FORMAT = 1;

/** The files of a backup. */
export const DUMP_FILE = "dump.sql.zst";
export const MANIFEST_FILE = "manifest.json";
export const REGISTRY_FILE = "registry.json.gz";

/** Rows of one table. */
export interface TableCount {
  readonly database: string;
  readonly table: string;
  readonly rows: number;
}

/** What a backup has of Nacos' registry, or why it has nothing. */
export type RegistryEntry = (Fingerprint & RegistryCounts) | { readonly missing: string };

/** The description of a backup. Its counts and transactions are those of the snapshot that was dumped. */
export interface Manifest {
  readonly format: typeof MANIFEST_FORMAT;
  /** Name of the backup's folder: the time of its snapshot. */
  readonly name: string;
  readonly server: {
    readonly host: string;
    readonly uuid: string;
    readonly version: string;
    readonly role: "replica" | "primary";
  };
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly gtidExecuted: string;
  readonly databases: readonly string[];
  readonly tables: readonly TableCount[];
  readonly dump: Fingerprint;
  /** Views that the dump lacks; absent if there is none. */
  readonly brokenViews?: readonly BrokenView[];
  /** Absent in backups of earlier releases. */
  readonly registry?: RegistryEntry;
}

/** Counts as MySQL returns them: one JSON object per line. */
export function parseCounts(lines: string): TableCount[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as TableCount);
}

/**
 * @throws Error that says what is wrong with the text.
 */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("the manifest is incomplete: it is not JSON");
  }
  const manifest = value as Manifest;
  const problem = problemOf(manifest);
  if (problem !== undefined) throw new Error(`the manifest is not what a backup writes: ${problem}`);
  return manifest;
}

function problemOf(manifest: Partial<Manifest> | null): string | undefined {
  if (typeof manifest !== "object" || manifest === null) return "it is not an object";
  if (manifest.format !== MANIFEST_FORMAT)
    return `its format is ${String(manifest.format)}, and only ${MANIFEST_FORMAT} is supported`;
  for (const key of ["name", "startedAt", "finishedAt", "gtidExecuted"] as const) {
    if (typeof manifest[key] !== "string") return `${key} is missing`;
  }
  if (momentOf(manifest.name as string) === undefined) return `its name is ${manifest.name}`;
  if (typeof manifest.server?.version !== "string") return "server.version is missing";
  if (!Array.isArray(manifest.databases) || manifest.databases.length === 0) return "it names no database";
  if (
    !Array.isArray(manifest.tables) ||
    !manifest.tables.every(
      (t: Partial<TableCount>) =>
        typeof t.database === "string" && typeof t.table === "string" && Number.isInteger(t.rows),
    )
  )
    return "its tables are not a list of counts";
  if (!isFingerprint(manifest.dump)) return "size or checksum of the dump is missing";
  const { registry } = manifest;
  if (registry !== undefined && !("missing" in registry) && !isFingerprint(registry))
    return "size or checksum of the registry is missing";
  try {
    GtidSet.parse(manifest.gtidExecuted as string);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

function isFingerprint(value: Partial<Fingerprint> | undefined): boolean {
  return Number.isInteger(value?.bytes) && /^[0-9a-f]{64}$/.test(value?.sha256 ?? "");
}

/** The time that a backup's name, such as `20261231T235959Z`, stands for. */
export function momentOf(name: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
