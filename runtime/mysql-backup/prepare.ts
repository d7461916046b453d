import * as fs from "node:fs";
import * as path from "node:path";
import { BinlogError, readBinlog, type BinlogContent } from "./binlog";
import { LATE_COPIES } from "../../contract/verification";
import { GtidSet } from "../gtid-set";
import type { Selection } from "../nacos-configurations/configuration";
import { asFiles, asLines, fingerprint, writeValues } from "./folder";
import { DUMP_FILE, type Manifest, MANIFEST_FILE, momentOf, parseManifest } from "./manifest";
import { planReplay, type Replay } from "./replay";
import { verificationStatements } from "./statements";
import { isoFromMicros, microsFromIso } from "./time";

export interface PrepareOptions {
  /** The folder that fetch.sh filled. */
  readonly work: string;
  /** Restore up to this point in time, in ISO 8601; undefined: as far as the logs go. */
  readonly until?: string;
  /** Whether every file has to be in order, needed or not: a verification, not a restore. */
  readonly proving: boolean;
  /** How old the backup may be; undefined: it does not matter. */
  readonly maxAgeSeconds?: number;
  /** The servers each of which must have copied its binary logs lately. */
  readonly copying?: readonly string[];
  readonly now: Date;
  /** Configurations of Nacos that prove.sh reads. */
  readonly configurations?: Selection;
}

/** The input of the later steps: as JSON in `plan.json`, and for the shell as one file per value or statement in `plan/`. */
export interface Plan {
  readonly name: string;
  readonly ageSeconds: number;
  readonly from: string;
  readonly target: string;
  readonly transactions: number;
  readonly excluded: string;
  readonly files: readonly string[];
  readonly stopBefore?: string;
  /** The latest commit of the binary logs that is restored, in ISO 8601. */
  readonly latest?: string;
  readonly exact: boolean;
  readonly until?: string;
  /** What is missing, if the restore continues all the same. */
  readonly gap?: string;
}

/** Examines what was fetched and plans the replay. Returns the faults, one text for each. */
export async function prepare(options: PrepareOptions): Promise<readonly string[]> {
  const { work, now, maxAgeSeconds } = options;
  const folder = path.join(work, "backup");
  const name = fs.readFileSync(path.join(work, "chosen"), "utf8").trim();
  let manifest: Manifest;
  try {
    manifest = parseManifest(fs.readFileSync(path.join(folder, MANIFEST_FILE), "utf8"));
  } catch (error) {
    return [`the backup ${name} cannot be used: ${(error as Error).message}`];
  }
  const faults = await examineDump(manifest, name, path.join(folder, DUMP_FILE));
  const ageSeconds = Math.round((now.getTime() - (momentOf(manifest.name) as Date).getTime()) / 1000);
  if (maxAgeSeconds !== undefined && ageSeconds > maxAgeSeconds) {
    faults.push(
      `the newest backup, ${name}, is ${hours(ageSeconds)} old, and may be at most ${hours(maxAgeSeconds)} old`,
    );
  }

  const { files, problems, copiedAt } = readLogs(path.join(work, "binlogs"), options.until);
  faults.push(...silence(options, copiedAt));
  const from = GtidSet.parse(manifest.gtidExecuted);
  const replay = planReplay({ from, files });
  const missing = replay.missing.isEmpty ? undefined : gap(name, replay);
  // An operator who names a point in time gets a report and decides: what was lost may be later than that.
  const decides = !options.proving && options.until !== undefined;
  if (missing !== undefined && !decides) faults.push(missing);
  if (!replay.tooLate.isEmpty) faults.push(overshoot(name, options.until ?? "", replay.tooLate));
  if (options.proving) faults.push(...strangers(manifest, from, files));
  // A file that cannot be read must not stop a restore that does without it.
  if (options.proving || !replay.missing.isEmpty) faults.push(...problems);
  const plan: Plan = {
    name,
    ageSeconds,
    from: from.toString(),
    target: replay.target.toString(),
    transactions: replay.transactions,
    excluded: replay.excluded.toString(),
    files: replay.files,
    stopBefore: replay.stopBefore,
    latest: replay.latestMicros === undefined ? undefined : isoFromMicros(replay.latestMicros),
    exact: replay.exact,
    until: options.until,
    gap: decides ? missing : undefined,
  };
  fs.writeFileSync(path.join(work, "plan.json"), JSON.stringify(plan));
  writeValues(path.join(work, "plan"), {
    files: asLines(plan.files),
    ...asFiles(
      verificationStatements({ ...plan, brokenViews: manifest.brokenViews, configurations: options.configurations }),
    ),
  });
  return faults;
}

async function examineDump(manifest: Manifest, name: string, file: string): Promise<string[]> {
  if (manifest.name !== name) return [`the backup ${name} was altered: its manifest belongs to ${manifest.name}`];
  if (!fs.existsSync(file)) return [`the backup ${name} is incomplete: it has no dump`];
  const { bytes, sha256 } = manifest.dump;
  const { size } = fs.statSync(file);
  if (size !== bytes)
    return [
      `the backup ${name} is ${size < bytes ? "truncated" : "altered"}: its dump has ${size} bytes; it had ${bytes} when it was made`,
    ];
  return (await fingerprint(file)).sha256 === sha256
    ? []
    : [`the backup ${name} was altered: its dump does not have the checksum of its manifest`];
}

/** How long ago a server's last copy of its binary logs may be. It copies them every 15 s. */
const MAX_SILENCE_MS = 900_000;

/** A file next to a server's logs. ship-binlogs.sh writes it. */
const COPIED = "copied-at";

interface Logs {
  readonly files: readonly BinlogContent[];
  readonly problems: readonly string[];
  /** When each server last had copied all its logs, by name: after a loss of its data, it writes to another folder. */
  readonly copiedAt: ReadonlyMap<string, Date>;
}

/** What a server wrote next to its logs, each time it had copied them. */
interface Copied {
  readonly at: Date;
  /**
   * Transactions that it had at its last start and that its logs no longer held. Some were in logs that were purged; later
   * logs name them as previous transactions. The others came with a clone; no log ever names them.
   */
  readonly purged: GtidSet;
  /** Name of its pod. */
  readonly name: string;
}

/** Reads `binlogs/<server>/<file>`. */
function readLogs(folder: string, until?: string): Logs {
  const files: BinlogContent[] = [];
  const problems: string[] = [];
  const copiedAt = new Map<string, Date>();
  for (const server of fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []) {
    const copied = readCopied(path.join(folder, server, COPIED));
    if (copied !== undefined && copied.at > (copiedAt.get(copied.name) ?? new Date(0)))
      copiedAt.set(copied.name, copied.at);
    const own: BinlogContent[] = [];
    for (const entry of fs.readdirSync(path.join(folder, server)).sort()) {
      if (entry === COPIED) continue;
      const file = path.join(folder, server, entry);
      try {
        own.push(readBinlog(file, until === undefined ? undefined : microsFromIso(until)));
      } catch (error) {
        if (!(error instanceof BinlogError)) throw error;
        problems.push(`the binary log ${error.message.replace(`${folder}/`, "")}`);
      }
    }
    // What the logs name or hold was logged; the rest existed before the first log.
    const cloned = (copied?.purged ?? GtidSet.empty).minus(
      GtidSet.union(own.flatMap(({ previous, content }) => [previous, content])),
    );
    files.push(...own.map((log) => ({ ...log, previous: log.previous.union(cloned) })));
  }
  return { files, problems, copiedAt };
}

/** undefined for a server that ended before its first complete copy. */
function readCopied(file: string): Copied | undefined {
  if (!fs.existsSync(file)) return undefined;
  const [at, purged = "", name = ""] = fs.readFileSync(file, "utf8").split("\n");
  return { at: new Date(at), purged: GtidSet.parse(purged), name };
}

function silence({ now, copying = [] }: PrepareOptions, copiedAt: ReadonlyMap<string, Date>): string[] {
  return copying.flatMap((server) => {
    const at = copiedAt.get(server);
    if (at !== undefined && now.getTime() - at.getTime() <= MAX_SILENCE_MS) return [];
    return [`${server} ${LATE_COPIES} ${at?.toISOString() ?? "the backup"}: what only they hold cannot be restored`];
  });
}

function gap(name: string, { missing, latestMicros }: Replay): string {
  const reach = latestMicros === undefined ? `the backup ${name} itself` : isoFromMicros(latestMicros);
  return `the binary logs since ${name} have a gap: ${missing.size} transaction${missing.size === 1 ? "" : "s"} in no file (${shortened(missing)}); a restore can reach only ${reach}`;
}

/** The clock by which the backup got its name was behind that of the primary. */
function overshoot(name: string, until: string, tooLate: GtidSet): string {
  const moment = (momentOf(name) as Date).toISOString().replace(/\.\d+Z$/, "Z");
  return `the backup ${name} holds ${tooLate.size} transaction${tooLate.size === 1 ? "" : "s"} that were committed after ${until} (${shortened(tooLate)}): restore to ${moment} or earlier, which uses an older backup`;
}

/** After a restore, or on recreated servers, the logs do not continue from an older backup. */
function strangers({ name }: Manifest, from: GtidSet, files: readonly BinlogContent[]): string[] {
  const newest = files.reduce<BinlogContent | undefined>(
    (best, file) => ((file.latestMicros ?? 0) > (best?.latestMicros ?? 0) ? file : best),
    undefined,
  );
  if (newest === undefined || (newest.latestMicros ?? 0) < (momentOf(name) as Date).getTime() * 1000) return [];
  if (newest.previous.union(newest.content).contains(from)) return [];
  return [
    `the binary logs do not continue from the backup ${name}: since then, the databases were restored or the servers recreated. What was written later cannot be restored; make a new backup`,
  ];
}

function shortened(set: GtidSet): string {
  const text = set.toString();
  return text.length <= 400 ? text : `${text.slice(0, 400)}…`;
}

function hours(seconds: number): string {
  return seconds < 2 * 3600 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 360) / 10} hours`;
}
