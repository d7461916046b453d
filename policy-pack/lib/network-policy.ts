import { at, items, UNKNOWN } from "./read";
import type { Resource } from "./resource";
import { type Answer, some } from "./selector";

/** The ranges that every address is in. */
export const EVERYWHERE: ReadonlySet<unknown> = new Set(["0.0.0.0/0", "::/0"]);

export const DIRECTIONS = [
  { type: "Ingress", rules: "ingress", peers: "from" },
  { type: "Egress", rules: "egress", peers: "to" },
] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Whether a policy isolates the pods that it selects in a direction. Without policyTypes: ingress, and egress if it has rules for it. */
export function isolates({ props }: Resource, { type, rules }: Direction): Answer {
  const types = at(props, "spec", "policyTypes");
  if (types === UNKNOWN) return UNKNOWN;
  if (types !== undefined) return some(items(types).map((one) => (one === UNKNOWN ? UNKNOWN : one === type)));
  return type === "Ingress" || at(props, "spec", rules) !== undefined;
}

/** The rules of a policy for a direction: UNKNOWN if they are not known yet. */
export function rulesOf({ props }: Resource, { rules }: Direction): unknown[] | typeof UNKNOWN {
  return at(props, "spec", rules) === UNKNOWN ? UNKNOWN : items(props, "spec", rules);
}
