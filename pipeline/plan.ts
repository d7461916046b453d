import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Refusal } from "../contract/refusal";
import { CommandError } from "../sandbox/exec";
import { commit } from "./commit";
import { POLICIES, pulumi } from "./pulumi";
import { inMarkdown, summarize } from "./report";

/** What a plan was made for. Pulumi itself only refuses operations that a plan does not have, so it would apply one to another state. */
interface Basis {
  readonly stack: string;
  readonly commit: string;
  /** Digest of the stack's state. It changes with every update, refresh and import. */
  readonly state: string;
}

const files = (folder: string) => ({
  plan: path.resolve(folder, "plan.json"),
  basis: path.resolve(folder, "basis.json"),
});

async function basisOf(stack: string): Promise<Basis> {
  const [here, state] = await Promise.all([commit(), pulumi(stack, ["stack", "export"], false)]);
  return { stack, commit: here, state: createHash("sha256").update(state).digest("hex") };
}

/** Previews an update under the policy pack, and writes its plan to the folder, secrets encrypted as in the state. */
export async function plan(stack: string, folder: string): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const { plan, basis } = files(folder);
  const current = await basisOf(stack); // first: an update meanwhile makes the plan outdated
  const show = (passed: boolean, output: string): void =>
    summarize(inMarkdown(`Plan of commit ${current.commit}`, [{ stack, passed, output }]));
  try {
    show(true, await pulumi(stack, ["preview", "--diff", "--save-plan", plan, ...POLICIES]));
  } catch (error) {
    if (error instanceof CommandError) show(false, error.output);
    throw error;
  }
  fs.writeFileSync(basis, JSON.stringify(current));
}

/** Updates the stack as its plan says, under the policy pack. @throws Refusal if the plan was made for something else. */
export async function deploy(stack: string, folder: string): Promise<void> {
  const { plan, basis } = files(folder);
  const planned = JSON.parse(fs.readFileSync(basis, "utf8")) as Basis;
  const current = await basisOf(stack);
  const reasons = [
    planned.stack === current.stack ? [] : `it is the plan of stack ${planned.stack}, not of ${stack}`,
    planned.commit === current.commit ? [] : `it was made from commit ${planned.commit}, and this is ${current.commit}`,
    planned.stack !== current.stack || planned.state === current.state
      ? []
      : `the state of stack ${stack} has changed since, by an update, refresh or import`,
  ].flat();
  if (reasons.length > 0)
    throw new Refusal(
      "UPDATE_PLAN_OUTDATED",
      `the plan is not what would be deployed: ${reasons.join("; ")}. Nothing was changed. Plan again, and have the new plan reviewed.`,
    );
  await pulumi(stack, ["up", "--yes", "--plan", plan, "--suppress-outputs", ...POLICIES]);
}
