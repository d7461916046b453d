import * as fs from "node:fs";
import * as path from "node:path";
import { NO_REGISTRY } from "../../contract/objects";
import { pause } from "../../clients/pause";
import { restoreRegistry } from "../nacos-registry/restore";
import { faultsText } from "./evaluate-restore";
import { MANIFEST_FILE, parseManifest } from "./manifest";
import { conclude, faults, FOLDERS, nacosRegistry, setting } from "./pod";
import { missingRegistry, readRegistry } from "./registry-file";
import { reasonOf } from "./server";

/** How long Nacos may take to start. */
const START_MS = 10 * 60_000;
/** How long a report waits for it. */
const REPORT_MS = 30_000;

/** Gives Nacos' registry what it lacks and the backup has that was fetched, or reports what that is. */
export async function restoreRegistryStep(): Promise<number> {
  if (faults().length > 0) return ended(faultsText(faults()), true);
  const folder = path.join(FOLDERS.work, "backup");
  const apply = setting("MODE") === "apply";
  try {
    const manifest = parseManifest(fs.readFileSync(path.join(folder, MANIFEST_FILE), "utf8"));
    const missing = missingRegistry(manifest);
    if (missing !== undefined)
      return ended(
        `backup ${manifest.name} ${NO_REGISTRY}: ${missing}. To use an earlier backup, name an earlier time with --to`,
        false,
      );
    const { text, failed } = await restoreRegistry({
      saved: await readRegistry(folder, manifest),
      api: nacosRegistry(),
      apply,
      waitMs: apply ? START_MS : REPORT_MS,
      now: () => performance.now(),
      pause,
      say: (line) => console.log(line),
    });
    return ended(`registry of backup ${manifest.name}: ${text}`, failed);
  } catch (error) {
    return ended(reasonOf(error), true);
  }
}

function ended(text: string, failed: boolean): number {
  conclude(text, "beginning");
  return failed ? 1 : 0;
}
