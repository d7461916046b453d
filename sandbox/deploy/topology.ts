import { validate } from "../../config/validate";
import { UserError } from "../errors";
import { stackConfig } from "./overlay";

/** An embedded cluster has at most so many nodes. */
const MOST_NODES = 3;

/**
 * Number of nodes for a stack: what was asked for, or what its topology needs.
 *
 * @throws UserError where the stack's servers, each on a node of its own, would find too few.
 * @throws ConfigError where the stack file is not valid.
 */
export function nodesFor(stack: string, asked: number | undefined): number {
  const values = Object.entries(stackConfig(stack)).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const);
  const { replicas, spread } = validate({ project: "nacos-platform", stack, values: Object.fromEntries(values) }).nacos;
  const nodes = asked ?? (replicas === 1 ? 1 : MOST_NODES);
  if (spread === "required" && nodes < replicas) {
    throw new UserError(`${nodes} node(s) are too few: stack "${stack}" puts ${replicas} Nacos servers on a node each. Say NODES=${replicas}${replicas > MOST_NODES ? ", which is more than an embedded cluster has," : ""} or set nacos-platform:nacos.spread to preferred.`);
  }
  return nodes;
}
