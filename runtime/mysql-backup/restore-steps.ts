import * as fs from "node:fs";
import * as path from "node:path";
import { pause } from "../../clients/pause";
import { GtidSet } from "../gtid-set";
import { parseBrokenViews } from "./broken-views";
import { compareStep, selected } from "./configuration-steps";
import { evaluateRestore, faultsText } from "./evaluate-restore";
import { asFiles, asLines, readIfThere, readLines, writeValues } from "./folder";
import { countLoaded, loadFiles, loads, type LoadMode, smallPacketNote } from "./load-plan";
import { askPrimary, endEarlierRestore, type Primary } from "./loss";
import { parseCounts } from "./manifest";
import { addFaults, conclude, faults, FOLDERS, login, setting } from "./pod";
import type { Plan } from "./prepare";
import { conclusionOf, restoreText } from "./report";
import { restoredText } from "./restored";
import { reasonOf, withServer } from "./server";
import { type Database, SESSIONS, setMaxPacket } from "./statements";

const { work } = FOLDERS;
/** What the last step needs to know of the load. */
interface LoadPlan {
  readonly mode: LoadMode;
  readonly suffix: string;
}

const GIB = 2 ** 30;

/**
 * Before the primary is changed: evaluates the restored backup and the primary, reports what a restore means, and plans the
 * load. Without the folder `load`, the later steps do nothing.
 */
export async function evaluateStep(): Promise<number> {
  if (faults().length === 0) addFaults(conclusionOf(work, new Date()).faults);
  if (faults().length > 0) {
    conclude(faultsText(faults()));
    return 1;
  }
  const plan = JSON.parse(fs.readFileSync(path.join(work, "plan.json"), "utf8")) as Plan;
  const configurations = selected();
  if (configurations !== undefined) return compareStep(configurations, setting("MODE") === "plan", restoreText(plan));
  const [suffix, endpoint] = [setting("SUFFIX"), setting("PRIMARY")];
  const databases = readLines(work, "results", "databases").map(databaseOf);
  const primary = await withServer(endpoint, login(), async (query) => {
    if (setting("MODE") !== "plan") await endEarlierRestore(query, pause);
    return askPrimary(query);
  }).catch((error: unknown) => ({ unreachable: reasonOf(error) }));
  const { report, failure, mode } = evaluateRestore({
    mode: setting("MODE"),
    suffix,
    endpoint,
    summary: restoreText(plan),
    restored: GtidSet.parse(plan.target),
    databases,
    brokenViews: parseBrokenViews(readLines(work, "results", "broken-views")),
    primary,
  });
  fs.writeFileSync(path.join(work, "report"), `${report.join("\n")}\n`);
  if (failure !== undefined) {
    conclude([...report, failure].join("\n"));
    return 1;
  }
  conclude(report.join("\n"));
  if (mode !== undefined) writeLoad({ mode, suffix }, databases, endpoint, primary as Primary);
  return 0;
}

/** A line of name, character set and collation. */
function databaseOf(line: string): Database {
  const [name, characterSet, collation] = line.split("\t");
  return { name, characterSet, collation };
}

function writeLoad(plan: LoadPlan, databases: readonly Database[], endpoint: string, { packetBytes }: Primary): void {
  const { mode, suffix } = plan;
  const folder = path.join(work, "load");
  fs.writeFileSync(path.join(work, "load.json"), JSON.stringify(plan));
  writeValues(folder, {
    server: endpoint,
    "small-packet": smallPacketNote(packetBytes),
    // The scratch instance takes its time to start, and somebody may come back meanwhile.
    ...(mode === "in-place" ? { "in-use": asLines(databases.map(({ name }) => name)) } : {}),
    ...asFiles({
      sessions: SESSIONS,
      "raise-packet": setMaxPacket(GIB),
      "restore-packet": setMaxPacket(packetBytes),
      counts: countLoaded(mode, databases, suffix),
    }),
  });
  loads(mode, databases, suffix, readLines(work, "results", "leaving-out")).forEach((load, index) => {
    writeValues(path.join(folder, "steps", String(index).padStart(4, "0")), loadFiles(load));
  });
}

/** The end of a restore: compares what the primary has with what the scratch instance had, and reports. */
export function reportStep(): number {
  const report = readIfThere(work, "report") ?? "";
  const planned = readIfThere(work, "load.json");
  if (planned === undefined) {
    conclude(report);
    return 0;
  }
  const { text, failed } = restoredText({
    ...(JSON.parse(planned) as LoadPlan),
    seconds: Number(readIfThere(work, "results", "primary-seconds")),
    expected: parseCounts(readIfThere(work, "results", "counts-after") ?? ""),
    found: parseCounts(readIfThere(work, "results", "counts-loaded") ?? ""),
  });
  conclude(`${report}\n${text}`);
  return failed ? 1 : 0;
}
