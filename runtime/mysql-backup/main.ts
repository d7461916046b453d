/**
 * The steps of backup, verification and restore that run in Node.js, bundled into one file: `main.js STEP`. Options are
 * environment variables; results are files in the folder that all steps of a pod share.
 */
import { exportRegistryStep, planDumpStep, registryStep, sealStep } from "./backup-steps";
import { publishStep } from "./configuration-steps";
import { restoreRegistryStep } from "./registry-steps";
import { evaluateStep, reportStep } from "./restore-steps";
import { chooseStep, prepareStep, verifyStep } from "./verify-steps";

/** Each returns the exit status of its container. */
const STEPS: Readonly<Record<string, () => number | Promise<number>>> = {
  "plan-dump": planDumpStep,
  registry: registryStep,
  "export-registry": exportRegistryStep,
  seal: sealStep,
  choose: chooseStep,
  prepare: prepareStep,
  verify: verifyStep,
  judge: evaluateStep,
  publish: publishStep,
  report: reportStep,
  "restore-registry": restoreRegistryStep,
};

async function main(step: string): Promise<number> {
  if (Object.hasOwn(STEPS, step)) return STEPS[step]();
  process.stderr.write(`usage: main.js ${Object.keys(STEPS).join("|")}\n`);
  return 2;
}

main(process.argv[2] ?? "").then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
