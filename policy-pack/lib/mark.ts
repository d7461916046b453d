import type { ResourceValidationPolicy } from "@pulumi/policy";
import { EVALUATION } from "../../contract/policies";

/** Tells the program that this pack evaluates it. Without this, the program stops. */
export const mark: ResourceValidationPolicy = {
  name: "mark-as-evaluated",
  description: "The program stops without this pack. The pack shows that it runs by an input of one resource.",
  enforcementLevel: "remediate",
  remediateResource: ({ type, name, props }) => {
    if (type !== EVALUATION.type || name !== EVALUATION.name) return undefined;
    props.input = EVALUATION.by;
    return props;
  },
};
