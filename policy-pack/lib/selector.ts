import { at, entries, items, NOT_YET_KNOWN, UNKNOWN } from "./read";

/** An answer that may have to wait for the update. */
export type Answer = boolean | typeof UNKNOWN;

/** Whether all are true: certainly not if one is false, whatever is unknown. */
export function every(answers: Iterable<Answer>): Answer {
  const all = [...answers];
  if (all.includes(false)) return false;
  return all.includes(UNKNOWN) ? UNKNOWN : true;
}

/** Whether one is true: certainly if one is, whatever is unknown. */
export function some(answers: Iterable<Answer>): Answer {
  const all = [...answers];
  if (all.includes(true)) return true;
  return all.includes(UNKNOWN) ? UNKNOWN : false;
}

/** Whether two names of objects or namespaces are the same. */
export function same(one: string, other: string): Answer {
  return one === NOT_YET_KNOWN || other === NOT_YET_KNOWN ? UNKNOWN : one === other;
}

export function equal(one: unknown, other: unknown): Answer {
  return one === UNKNOWN || other === UNKNOWN ? UNKNOWN : one === other;
}

/** The value of a label: undefined if there is none. */
export type Labels = (key: string) => unknown;

/** Whether a map of labels, the selector of a Service, matches. An empty one matches everything. */
export function matchesLabels(wanted: unknown, labels: Labels): Answer {
  if (wanted === UNKNOWN) return UNKNOWN;
  return every(entries(wanted).map(([key, value]) => equal(labels(key), value)));
}

/** Whether a LabelSelector matches. An empty one matches everything. What an absent one means, the caller knows. */
export function matches(selector: unknown, labels: Labels): Answer {
  const [wanted, expressions] = [at(selector, "matchLabels"), at(selector, "matchExpressions")];
  if (selector === UNKNOWN || expressions === UNKNOWN) return UNKNOWN;
  return every([matchesLabels(wanted, labels), ...items(expressions).map((expression) => meets(expression, labels))]);
}

function meets(expression: unknown, labels: Labels): Answer {
  const [key, operator] = [at(expression, "key"), at(expression, "operator")];
  const value = typeof key === "string" ? labels(key) : UNKNOWN;
  if (value === UNKNOWN || at(expression, "values") === UNKNOWN) return UNKNOWN;
  const among = some(items(expression, "values").map((wanted) => equal(wanted, value)));
  if (operator === "In") return among;
  if (operator === "NotIn") return among === UNKNOWN ? UNKNOWN : !among;
  if (operator === "Exists") return value !== undefined;
  return operator === "DoesNotExist" ? value === undefined : UNKNOWN;
}
