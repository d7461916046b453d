import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pause } from "../../clients/pause";
import { exportRegistry } from "../nacos-registry/export";
import { countsOf, countsText } from "../nacos-registry/registry";
import { completeIn, copyPlan } from "./copy-plan";
import { asLines, readLines, writeValues } from "./folder";
import { withLimits } from "./limited";
import { REGISTRY_FILE } from "./manifest";
import { type Agreement, planDump, readDumpPlan } from "./plan-dump";
import { conclude, faults, FOLDERS, login, nacosRegistry, setting, words } from "./pod";
import { addRegistry, noteRegistry } from "./registry-file";
import type { Retention } from "./retention";
import { seal, sealedText, warningsOf } from "./seal";
import { reasonOf, withServer } from "./server";
import { BackupVolume, removeFolder } from "./volume";

const { work } = FOLDERS;
const volume = new BackupVolume(FOLDERS.store);
const say = (line: string): void => void process.stdout.write(`backup: ${line}\n`);

/** The beginning of a backup: frees space on the backup volume, chooses a server and plans the dump. */
export async function planDumpStep(): Promise<number> {
  return orFail(async () => {
    // Otherwise a full volume would never have free space again.
    removeOld();
    for (const name of volume.makeRoom(completeIn(listing() ?? []))) say(`removed ${name}, which is off-site too`);
    const how = login();
    await planDump({
      work,
      folder: volume.unfinished(os.hostname()),
      servers: words("MYSQL_SERVERS"),
      maxLagSeconds: Number(setting("MAX_LAG_SECONDS")),
      agreement: setting("AGREEMENT") as Agreement,
      now: new Date(),
      ask: (server, questions) => withServer(server, how, questions),
      say,
    });
  });
}

/** The container has 256Mi, of which answers and this thread take some. */
const EXPORT_MIB = 96;

/**
 * Adds what Nacos keeps outside of MySQL. It never fails: a backup of MySQL must depend neither on Nacos, nor on how much it
 * has. The manifest says what is missing.
 */
export async function registryStep(): Promise<number> {
  const { folder } = readDumpPlan(work);
  const limits = { memoryMiB: EXPORT_MIB, milliseconds: Number(setting("LIMIT_SECONDS")) * 1000 };
  const missing = await withLimits(process.argv[1], ["export-registry"], limits);
  if (missing === undefined) return 0;
  fs.rmSync(path.join(folder, REGISTRY_FILE), { force: true });
  noRegistry(missing);
  return 0;
}

/** The work of the same step, in another thread. */
export async function exportRegistryStep(): Promise<number> {
  const { folder } = readDumpPlan(work);
  try {
    const registry = await exportRegistry(nacosRegistry(), pause);
    await addRegistry(work, folder, registry);
    say(`registry of Nacos: ${countsText(countsOf(registry))}`);
  } catch (error) {
    noRegistry(reasonOf(error));
  }
  return 0;
}

function noRegistry(missing: string): void {
  noteRegistry(work, { missing });
  process.stderr.write(`backup: no registry of Nacos: ${missing}\n`);
}

/** The end of a backup on the backup volume: the dump gets its manifest and its name. */
export async function sealStep(): Promise<number> {
  const plan = readDumpPlan(work);
  return orFail(
    async () => {
      const manifest = await seal(work, volume, () => new Date());
      removeOld();
      writeValues(path.join(work, "copy"), {
        ...copyPlan(volume.complete, listing(), retention(), volume.verified, new Date()),
        warning: asLines(warningsOf(manifest, faults()).map((warning) => `backup: ${warning}`)),
      });
      conclude(`backup: ${sealedText(manifest, plan.server)}`);
    },
    () => removeFolder(plan.folder),
  );
}

/** The files in the object store; undefined if they could not be listed. */
function listing(): string[] | undefined {
  const file = path.join(work, "listing");
  return fs.existsSync(file) ? readLines(file) : undefined;
}

function removeOld(): void {
  for (const name of volume.removeOld(retention(), Number(setting("DEADLINE_MINUTES")), new Date()))
    say(`removed ${name}`);
}

function retention(): Retention {
  return { count: Number(setting("KEEP_COUNT")), days: Number(setting("KEEP_DAYS")) };
}

async function orFail(work: () => Promise<void>, cleanUp = () => {}): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    cleanUp();
    process.stderr.write(`backup: failed: ${reasonOf(error)}\n`);
    return 1;
  }
}
