import * as fs from "node:fs";
import * as path from "node:path";
import { stackNames } from "../sandbox/deploy/overlay";
import { UserError } from "../sandbox/errors";
import { CommandError, run } from "../sandbox/exec";
import { checkout } from "../sandbox/paths";
import type { Previewed } from "./report";

/** Previews every stack as `make preview` does, and writes `STACK.json` to the folder. @throws UserError if one is refused. */
export async function previewAll(folder: string): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const refused: string[] = [];
  for (const stack of stackNames()) {
    const previewed = await preview(stack);
    fs.writeFileSync(path.join(folder, `${stack}.json`), JSON.stringify(previewed));
    if (!previewed.passed) refused.push(stack);
  }
  if (refused.length > 0)
    throw new UserError(`stack ${refused.join(", ")} could not be deployed like this; the previews above say why.`);
}

async function preview(stack: string): Promise<Previewed> {
  try {
    const output = await run("make", ["--silent", "preview", `STACK=${stack}`], { cwd: checkout, echo: true });
    return { stack, passed: true, output };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { stack, passed: false, output: error.output };
  }
}
