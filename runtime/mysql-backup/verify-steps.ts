import * as fs from "node:fs";
import * as path from "node:path";
import { chooseBackup, logsSince, type Place, PLACES } from "./choose-backup";
import { selected } from "./configuration-steps";
import { readLines } from "./folder";
import { addFaults, conclude, faults, FOLDERS, optionalSetting, setting } from "./pod";
import { prepare } from "./prepare";
import { type Status, statusText, verificationOf } from "./report";
import { withoutFraction } from "./retention";
import { BackupVolume } from "./volume";

const { work } = FOLDERS;

/** Chooses the backup to fetch, and since when binary logs are needed. */
export function chooseStep(): number {
  removeResults();
  if (faults().length > 0) return 0;
  const place = setting("PLACE") as Place;
  const choice = chooseBackup(readLines(work, "listing"), {
    place,
    until: optionalSetting("UNTIL_NAME"),
    deadlineSeconds: Number(setting("BACKUP_DEADLINE_SECONDS")),
    // Only a restore may be given a point in time.
    proving: process.env.UNTIL_NAME === undefined,
    now: new Date(),
  });
  if ("fault" in choice) {
    addFaults([choice.fault]);
    return 0;
  }
  process.stdout.write(`choose: backup ${choice.chosen} (${PLACES[place]})\n`);
  fs.writeFileSync(path.join(work, "chosen"), `${choice.chosen}\n`);
  if (place === "outside")
    fs.writeFileSync(path.join(work, "logs-since"), `${withoutFraction(logsSince(choice.chosen))}\n`);
  return 0;
}

/** If Kubernetes starts the steps of a pod again, they must not find results of the first time. */
function removeResults(): void {
  for (const name of [
    "chosen",
    "logs-since",
    "plan.json",
    "plan",
    "results",
    "report",
    "load.json",
    "load",
    "configurations",
  ])
    fs.rmSync(path.join(work, name), { recursive: true, force: true });
}

/** Examines what was fetched, and plans what prove.sh runs. */
export async function prepareStep(): Promise<number> {
  if (faults().length > 0) return 0;
  const maxAge = process.env.MAX_AGE_SECONDS;
  addFaults(
    await prepare({
      work,
      until: optionalSetting("UNTIL"),
      proving: maxAge !== undefined,
      maxAgeSeconds: maxAge === undefined ? undefined : Number(maxAge),
      copying: process.env.COPYING_SERVERS?.split(" "),
      now: new Date(),
      configurations: selected(),
    }),
  );
  return 0;
}

/** The end of a verification: keeps its result, and fails if there is a fault. */
export async function verifyStep(): Promise<number> {
  const status = await verificationOf(work, new Date());
  keep(status);
  conclude(statusText(status), "beginning");
  return status.state === "proven" ? 0 : 1;
}

function keep(status: Status): void {
  const volume = new BackupVolume(FOLDERS.store);
  volume.replace("status.json", `${JSON.stringify(status, undefined, 2)}\n`);
  // Retention never removes the last verified backup.
  if (status.state === "proven" && status.backup !== undefined) volume.verified = status.backup;
}
