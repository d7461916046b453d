import * as pulumi from "@pulumi/pulumi";
import { EVALUATION } from "../contract/policies";
import { UpdateRefusal } from "./update-refusal";

/** Stops a preview or an update without the policy pack, before anything that waits for this resource is created or changed. */
export function evaluated(): pulumi.Stash {
  const hook = new pulumi.ResourceHook(
    "check if the policy pack evaluates the stack",
    ({ newInputs }) => {
      if ((newInputs as { input: string }).input !== EVALUATION.by)
        throw new UpdateRefusal(
          "UPDATE_NOT_EVALUATED",
          "the policy pack does not evaluate this stack. Add --policy-pack policy-pack (of the tenants: ../policy-pack), or set PULUMI_OPTION_POLICY_PACK to that folder for all commands",
        );
    },
    { onDryRun: true },
  );
  return new pulumi.Stash(
    EVALUATION.name,
    { input: EVALUATION.pending },
    { hooks: { beforeCreate: [hook], beforeUpdate: [hook] } },
  );
}
