import { report } from "../ops/report";
import { readStep, STEPS } from "./steps";

async function main(words: readonly string[]): Promise<void> {
  const { step, values } = readStep(words);
  await STEPS[step].run(values);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.exitCode = report(error);
});
