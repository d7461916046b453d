/**
 * The steps of verification and restore that run in Node.js, bundled into one file: `main.js prepare`, `main.js verify`
 * or `main.js judge`. Options are environment variables; results are files in the folder that all steps share.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { type Plan, prepare } from "./prepare";
import { conclude, restoreText, type Status, statusText } from "./report";

const work = "/work";
const store = "/backups";
const message = "/dev/termination-log";
/** Kubernetes keeps at most this many bytes. */
const MESSAGE_BYTES = 4096;

async function main(step: string): Promise<number> {
  switch (step) {
    case "prepare":
      return prepareStep();
    case "judge":
      return judgeStep();
    case "verify":
      return verifyStep();
    default:
      process.stderr.write("usage: main.js prepare|judge|verify\n");
      return 2;
  }
}

/** The last step reports all faults. */
async function prepareStep(): Promise<number> {
  if (hasFaults()) return 0;
  const seconds = (name: string): number | undefined =>
    process.env[name] === undefined ? undefined : Number(process.env[name]);
  const faults = await prepare({
    work,
    until: process.env.UNTIL === "" ? undefined : process.env.UNTIL,
    proving: process.env.MAX_AGE_SECONDS !== undefined,
    maxAgeSeconds: seconds("MAX_AGE_SECONDS"),
    maxLogSilenceSeconds: seconds("MAX_LOG_SILENCE_SECONDS"),
    now: new Date(),
  });
  addFaults(faults);
  return 0;
}

/** Before a restore is loaded anywhere: adds what the verification found to the list of faults. */
function judgeStep(): number {
  if (hasFaults()) return 0;
  addFaults(conclude(work, new Date()).faults);
  const plan = JSON.parse(fs.readFileSync(path.join(work, "plan.json"), "utf8")) as Plan;
  fs.writeFileSync(path.join(work, "summary"), `${restoreText(plan)}\n`);
  return 0;
}

/** The end of a verification: keeps its result, and fails if there is a fault. */
function verifyStep(): number {
  const status = conclude(work, new Date());
  keep(status);
  const text = statusText(status);
  process.stdout.write(`${text}\n`);
  fs.writeFileSync(message, Buffer.from(text).subarray(0, MESSAGE_BYTES));
  return status.state === "proven" ? 0 : 1;
}

function keep(status: Status): void {
  replaceFile(path.join(store, "status.json"), `${JSON.stringify(status, undefined, 2)}\n`);
  // Retention never removes the last verified backup.
  if (status.state === "proven" && status.backup !== undefined)
    replaceFile(path.join(store, "last-verified"), `${status.backup}\n`);
}

function replaceFile(file: string, content: string): void {
  fs.writeFileSync(`${file}.new`, content);
  fs.renameSync(`${file}.new`, file);
}

function hasFaults(): boolean {
  const file = path.join(work, "faults");
  return fs.existsSync(file) && fs.statSync(file).size > 0;
}

function addFaults(faults: readonly string[]): void {
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  fs.appendFileSync(path.join(work, "faults"), faults.map((fault) => `${fault}\n`).join(""));
}

main(process.argv[2] ?? "").then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
