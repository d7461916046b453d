import * as fs from "node:fs";
import * as path from "node:path";
import { NO_REGISTRY, REGISTRY_KEPT, type RegistryMode } from "../../contract/registry-restore";
import { pause } from "../../clients/pause";
import { REGISTRY_FORMAT } from "../nacos-registry/registry";
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
  const mode = setting("MODE") as RegistryMode;
  try {
    const manifest = parseManifest(fs.readFileSync(path.join(folder, MANIFEST_FILE), "utf8"));
    const missing = missingRegistry(manifest);
    const none = `backup ${manifest.name} ${NO_REGISTRY}: ${missing}`;
    const earlier = "To use an earlier backup, use --registry-only and an earlier --to";
    if (missing !== undefined && mode !== "if-lost") return ended(`${none}. ${earlier}`, false);
    const { text, failed, isKept } = await restoreRegistry({
      saved: missing === undefined ? await readRegistry(folder, manifest) : { format: REGISTRY_FORMAT, services: [] },
      api: nacosRegistry(),
      mode,
      waitMs: mode === "plan" ? REPORT_MS : START_MS,
      now: () => performance.now(),
      pause,
      say: (line) => console.log(line),
    });
    if (missing === undefined || failed) return ended(`registry of backup ${manifest.name}: ${text}`, failed);
    return ended(isKept ? `${none}. ${REGISTRY_KEPT}` : `${none}. Nacos keeps nothing in Raft. ${earlier}`, false);
  } catch (error) {
    return ended(reasonOf(error), true);
  }
}

function ended(text: string, failed: boolean): number {
  conclude(text, "beginning");
  return failed ? 1 : 0;
}
