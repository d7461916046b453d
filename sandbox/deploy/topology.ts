import { mostNacosServers, type PlatformConfig, validateFile } from "../../schema";
import { UserError } from "../errors";
import { stackConfig } from "./overlay";

/** The largest number of nodes that an embedded cluster can have. */
const MOST_NODES = 3;

/**
 * What a stack file says, checked, with every default.
 *
 * @throws ConfigError if the stack file is not valid.
 */
export function platformConfig(stack: string): PlatformConfig {
  return validateFile(stack, stackConfig(stack));
}

/** Whether a stack copies its backups to an off-site object store. An embedded cluster then runs one. */
export function copiesOutside(stack: string): boolean {
  return platformConfig(stack).mysql.backup.offsite !== undefined;
}

/**
 * Number of nodes for a stack: what was asked for, or what its topology needs.
 *
 * @throws UserError if there are too few nodes for the stack's servers, each on a separate node.
 */
export function nodesFor(stack: string, asked: number | undefined): number {
  const { nacos, mysql } = platformConfig(stack);
  const sets = [
    { what: "Nacos", count: mostNacosServers(nacos), ...nacos },
    ...(mysql.mode === "cluster" ? [{ what: "MySQL", count: mysql.servers, ...mysql }] : []),
  ];
  const nodes = asked ?? (sets.every(({ count }) => count === 1) ? 1 : MOST_NODES);
  for (const { what, count, spread } of sets) {
    if (spread === "preferred" || nodes >= count) continue;
    const key = `nacos-platform:${what.toLowerCase()}.spread`;
    throw new UserError(
      `${nodes} node(s) are too few: stack "${stack}" puts ${count} ${what} servers on a node each. Set NODES=${count}${count > MOST_NODES ? ", which is more than an embedded cluster has," : ""} or set ${key} to preferred.`,
    );
  }
  return nodes;
}
