import { describe } from "../ops/report";
import { UserError } from "../sandbox/errors";
import { progress } from "../sandbox/progress";
import { type Environment, make } from "../test/e2e/support/environments";
import { dev, prod } from "./environments";
import { coldUp, nacosReady, previewOverhead, warmUp } from "./measures";
import { backupThroughput, movingTheWrites, restoreCommand } from "./mysql";
import { policyOverhead } from "./nacos-policies";
import { rollingRestart } from "./nacos-roll";
import { scaling } from "./nacos-scaling";
import { updateOverhead } from "./nacos-update";
import { record } from "./results";

/** Measures every figure and writes bench/README.md after each, so that an interruption loses only the measurement in progress. */
async function main(): Promise<void> {
  const { COLD = "", ONLY = "" } = process.env;
  if (!["", "1"].includes(COLD)) throw new UserError(`COLD=${COLD} is out of range: 1, or nothing.`);
  if (!["", "nacos"].includes(ONLY)) throw new UserError(`ONLY=${ONLY} is out of range: nacos, or nothing.`);
  if (COLD === "1") {
    progress("cold `make up`");
    await record(await coldUp());
  }
  if (ONLY === "nacos") {
    await onCluster(prod, async () => {
      progress("`make up`, prod");
      await make("up", prod);
      await runningNacos();
    });
    return;
  }
  await onCluster(dev, async () => {
    progress("warm `make up`, dev");
    await record(await warmUp(dev, 90));
    await record(await backupThroughput(1, 3));
    await record(await restoreCommand(1, 2));
    await record(await backupThroughput(10, 1));
  });
  await onCluster(prod, async () => {
    progress("warm `make up`, prod");
    await record(await warmUp(prod, 180));
    progress("preview overhead");
    await record(await previewOverhead());
    await record(await movingTheWrites());
    await runningNacos();
    await record(await nacosReady()); // last: Pulumi does not know what it leaves
  });
}

/** Runs `measure`, which creates the cluster, and takes the cluster down. */
async function onCluster(environment: Environment, measure: () => Promise<void>): Promise<void> {
  const down = () => make("down", environment, `DELETE=${environment.cluster}`);
  await down().catch(() => undefined); // what an interrupted run left
  try {
    await measure();
  } finally {
    await down();
  }
}

/** Each leaves the environment as it was, unless it fails, and then the cluster is deleted. */
async function runningNacos(): Promise<void> {
  await record(await policyOverhead());
  await record(await rollingRestart());
  await record(await scaling());
  await record(await updateOverhead());
}

main().catch((error: unknown) => {
  console.error(`error: ${describe(error)}`);
  process.exit(1);
});
