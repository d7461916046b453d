import { parseArgs } from "node:util";
import { UsageError } from "../ops/command";
import { comment } from "./comment";
import { drift } from "./drift";
import { deploy, plan } from "./plan";
import { previewAll } from "./preview";
import { release } from "./release";

/** A step of a workflow: `npm run -s pipeline -- STEP` with exactly these options. */
export interface Step {
  readonly options: readonly string[];
  run(values: Readonly<Record<string, string>>): Promise<void>;
}

export const STEPS: Readonly<Record<string, Step>> = {
  preview: { options: ["folder"], run: ({ folder }) => previewAll(folder) },
  comment: { options: ["folder"], run: ({ folder }) => comment(folder, process.env) },
  plan: { options: ["stack", "folder"], run: ({ stack, folder }) => plan(stack, folder) },
  deploy: { options: ["stack", "folder"], run: ({ stack, folder }) => deploy(stack, folder) },
  drift: { options: ["stack"], run: ({ stack }) => drift(stack) },
  release: { options: ["tag"], run: ({ tag }) => release(tag, process.env) },
};

/** @throws UsageError if the words are not a step with its options. */
export function readStep([step = "", ...words]: readonly string[]): { step: string; values: Record<string, string> } {
  const usage = Object.entries(STEPS)
    .map(([name, { options }]) =>
      ["npm run -s pipeline --", name, ...options.map((key) => `--${key} ${key.toUpperCase()}`)].join(" "),
    )
    .join("\n");
  if (!Object.hasOwn(STEPS, step))
    throw new UsageError(
      "USAGE_COMMAND_UNKNOWN",
      `"${step}" is not a step; there are ${Object.keys(STEPS).join(", ")}.`,
      usage,
    );
  const { options } = STEPS[step];
  try {
    const { values } = parseArgs({
      args: [...words],
      options: Object.fromEntries(options.map((key) => [key, { type: "string" as const }])),
    });
    const missing = options.find((key) => [undefined, ""].includes(values[key]));
    if (missing !== undefined) throw new Error(`--${missing} needs a value`);
    return { step, values: values as Record<string, string> };
  } catch (error) {
    throw new UsageError("USAGE_COMMAND_INVALID", `${step}: ${(error as Error).message}.`, usage);
  }
}
