import { deploymentsOf } from "../ops/stack/deployments";
import { CHANGES } from "../sandbox/deploy/stack";
import { UserError } from "../sandbox/errors";
import { CommandError } from "../sandbox/exec";
import { commit } from "./commit";
import { POLICIES, pulumi } from "./pulumi";
import { inMarkdown, summarize } from "./report";

/** Compares the cluster and the program with the stack's state, and changes nothing. @throws UserError if they differ. */
export async function drift(stack: string): Promise<void> {
  const show = (passed: boolean, output: string): void => summarize(inMarkdown("Drift", [{ stack, passed, output }]));
  try {
    show(true, await pulumi(stack, ["preview", "--refresh", "--expect-no-changes", "--diff", ...POLICIES]));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    show(false, error.output);
    if (error.status !== CHANGES) throw error;
    throw new UserError(await reason(stack));
  }
}

/** A commit that waits for its approval is no drift, but the preview of its program cannot tell the two apart. */
async function reason(stack: string): Promise<string> {
  const here = await commit();
  const last = (await deploymentsOf(stack)).find(({ kind }) => kind === "update");
  const deployed = last?.environment["git.head"];
  return deployed === undefined || deployed === here
    ? `stack ${stack} has drifted: the cluster or the program is not as it was deployed, see above. Deploy it again, or bring the change into the program.`
    : `commit ${here} is not deployed to stack ${stack}, whose commit is ${deployed}: the differences above are of the two commits, or drift. Deploy it, or compare from a checkout of commit ${deployed}.`;
}
