import { UserError } from "../sandbox/errors";
import { CommandError } from "../sandbox/exec";
import { CHANGES } from "../sandbox/deploy/stack";
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
    throw new UserError(
      `stack ${stack} has drifted: the cluster or the program is not as it was deployed, see above. Deploy it again, or bring the change into the program.`,
    );
  }
}
