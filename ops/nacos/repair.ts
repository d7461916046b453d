import { Failure, Refusal } from "../../contract/refusal";
import { ghosts, groups, groupsWith, isMember, quorum, type Group } from "./groups";
import { ordinalOf, said, type Look, type ServerLook } from "./look";
import { repairCommand } from "./raft-problems";

/** What a repair needs from its environment. */
export interface RepairWorld {
  look(): Promise<Look>;
  /** Success means only that the server was asked. */
  removePeer(at: ServerLook, group: string, host: string): Promise<void>;
  pause(milliseconds: number): Promise<void>;
  say(line: string): void;
}

/** How long the groups may take to remove a peer: each does it by a change of its configuration, one after the other. */
const REMOVAL_MS = 60_000;
const POLL_MS = 2000;

/** What a repair would do, as lines. Changes nothing. */
export function plan(look: Look): string[] {
  const silent = look.servers.filter((server) => said(server) === undefined && server.pod !== undefined);
  const found = ghosts(look);
  return [
    ...(found.length === 0 ? ["No Raft group has a ghost peer: there is nothing to repair."] : []),
    ...found.flatMap(({ name, groups: of }) => [
      `${name} is a ghost peer of ${of.join(", ")}.`,
      `  To remove it: ${repairCommand(look.stack, name)}`,
    ]),
    ...silent.map(({ name }) => `${name} does not answer: what it knows of the groups is not in this list.`),
    ...(found.length === 0 ? [] : ["Nothing was changed."]),
  ];
}

/**
 * The host of a peer that may be removed.
 *
 * @throws Refusal if it is not a ghost, or the groups could not carry out the removal
 */
export function removable(name: string, look: Look): string {
  requireNoMember(name, look);
  for (const server of look.servers)
    if (isMember(server.name, look) && said(server) === undefined)
      throw new Refusal(
        "NACOS_MEMBER_SILENT",
        `${typeof server.answer === "string" ? server.answer : `${server.name} does not run`}. Every member has to answer before a peer is removed: \`ops nacos status\` says why it does not. Nothing was changed.`,
      );
  const ghost = ghosts(look).find((one) => one.name === name);
  if (ghost === undefined) {
    const others = ghosts(look).map((one) => one.name);
    throw new Refusal(
      "NACOS_PEER_UNKNOWN",
      `no Raft group has the peer ${name}; ${others.length === 0 ? "none has a ghost peer" : `the ghost peers are ${others.join(", ")}`}. Nothing was changed.`,
    );
  }
  for (const group of groupsWith(name, groups(look))) {
    const { answer, peers } = quorum(group, look);
    if (answer <= peers / 2)
      throw new Refusal(
        "NACOS_GROUP_STUCK",
        `only ${answer} of ${peers} peers of ${group.name} answer; a group removes a peer only if more than half do. Nothing was changed.`,
      );
  }
  return ghost.host;
}

/**
 * Removes a ghost peer by name from each Raft group that has it, and waits until no member has it in any.
 *
 * @throws Refusal if it must not be removed, with nothing changed
 * @throws Failure if it is still a peer after 60 s, or has become something else meanwhile
 */
export async function removeGhost(name: string, world: RepairWorld): Promise<void> {
  let look = await world.look();
  const host = removable(name, look);
  for (let waited = 0, round = 0; ; round++) {
    const left = groupsWith(name, groups(look));
    const members = look.servers.filter((server) => isMember(server.name, look));
    const answering = members.filter((server) => said(server) !== undefined);
    if (left.length === 0 && answering.length === members.length)
      return world.say(`${name} is a peer of no Raft group now, says every member.`);
    if (waited >= REMOVAL_MS)
      throw notRemoved(
        name,
        left,
        members.filter((server) => !answering.includes(server)),
      );
    if (round === 0) world.say(`removing ${name} from ${left.map((group) => group.name).join(", ")}`);
    // 3.x answers with success whatever happens, so the answer does not count. Another member may do what one does not.
    const at = answering.at(round % Math.max(1, answering.length));
    for (const group of at === undefined ? [] : left)
      await world.removePeer(at as ServerLook, group.name, host).catch(() => undefined);
    await world.pause(POLL_MS);
    waited += POLL_MS;
    look = await world.look();
    requireStillGhost(name, look);
  }
}

/** @throws Refusal if a name is that of a member, or of a pod that exists or is wanted. */
function requireNoMember(name: string, look: Look): void {
  const { recorded, servers, settings } = look;
  if (isMember(name, look))
    throw new Refusal(
      "NACOS_PEER_IS_MEMBER",
      `${name} is one of the ${recorded.members} members, which are never removed: a member leaves by itself when StatefulSet ${settings.statefulSet} has fewer replicas. Nothing was changed.`,
    );
  const hasPod = servers.some((server) => server.name === name && server.pod !== undefined);
  if (hasPod || (ordinalOf(name, settings) ?? Infinity) < recorded.wanted)
    throw new Refusal(
      "NACOS_PEER_HAS_POD",
      `${name} ${hasPod ? "has a pod" : `is wanted: StatefulSet ${settings.statefulSet} has ${recorded.wanted} replicas`}, so its sidecar lets it join or leave. Nothing was changed.`,
    );
}

/** Checked again before every removal: somebody may scale the StatefulSet meanwhile. */
function requireStillGhost(name: string, look: Look): void {
  try {
    requireNoMember(name, look);
  } catch {
    throw new Failure(
      "NACOS_PEER_RETURNED",
      `${name} is wanted again: StatefulSet ${look.settings.statefulSet} was scaled meanwhile. It may be out of some Raft groups; its sidecar lets it join again.`,
    );
  }
}

function notRemoved(name: string, left: readonly Group[], silent: readonly ServerLook[]): Failure {
  const reasons = [
    ...(left.length === 0 ? [] : [`it is still a peer of ${left.map((group) => group.name).join(", ")}`]),
    ...silent.map((server) => `${server.name} does not answer`),
  ];
  return new Failure(
    "NACOS_PEER_NOT_REMOVED",
    `${name} was not removed from every Raft group within ${REMOVAL_MS / 1000} s: ${reasons.join(", and ")}. Run this again when \`ops nacos status\` names a leader for every group.`,
  );
}
