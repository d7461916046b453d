import { describe } from "../ops/report";
import { UserError } from "../sandbox/errors";
import { progress } from "../sandbox/progress";
import { clusterWords, coldUp, make, nacosReady, previewOverhead, warmUp } from "./measures";
import { backupThroughput, movingTheWrites, restoreCommand } from "./mysql";
import { record } from "./results";

/** Measures every figure and writes bench/README.md after each, so that an interruption loses only the measurement in progress. */
async function main(): Promise<void> {
  const { COLD = "" } = process.env;
  if (!["", "1"].includes(COLD)) throw new UserError(`COLD=${COLD} is out of range: 1, or nothing.`);
  if (COLD === "1") {
    progress("cold `make up`");
    await record(await coldUp());
  }
  for (const stack of ["dev", "prod"] as const) {
    const words = clusterWords(stack);
    await make(["down", ...words, `DELETE=bench-${stack}`]).catch(() => undefined); // what an interrupted run left
    try {
      progress(`warm \`make up\`, ${stack}`);
      await record(await warmUp(stack, stack === "dev" ? 90 : 180));
      if (stack === "prod") {
        progress("preview overhead");
        await record(await previewOverhead());
        await record(await movingTheWrites());
        await record(await nacosReady());
      } else {
        await record(await backupThroughput(1, 3));
        await record(await restoreCommand(1, 2));
        await record(await backupThroughput(10, 1));
      }
    } finally {
      await make(["down", ...words, `DELETE=bench-${stack}`]);
    }
  }
}

main().catch((error: unknown) => {
  console.error(`error: ${describe(error)}`);
  process.exit(1);
});
