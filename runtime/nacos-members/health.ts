import { NACOS_PORTS } from "../../contract/ports";

/** A member as a server reports it. */
export interface Member {
  /** host:port */
  readonly address: string;
  readonly state: string;
  readonly extendInfo?: {
    /** Of Nacos. */
    readonly version?: string;
    readonly raftMetaData?: {
      readonly metaDataMap?: Readonly<
        Record<string, { readonly leader?: string | null; readonly raftGroupMember?: readonly string[] | null }>
      >;
    };
  };
}

/** A Raft group that 2.x lists and does not start. */
const NEVER_STARTED = "naming_persistent_service";
/** A Raft group that 2.x does not have. */
const NEW_IN_THREE = "lock_acquire_service_v2";

/** A Raft group as one server knows it of one member: leader and peers, each `host:port` of Raft. */
export interface GroupView {
  readonly leader?: string;
  readonly peers: readonly string[];
}

/** The Raft groups of a member, by name. @param version of Nacos, if the member does not say its own */
export function groupsOf(member: Member, version: string): [string, GroupView][] {
  const isOld = isTwo(member, version);
  return Object.entries(member.extendInfo?.raftMetaData?.metaDataMap ?? {})
    .filter(([group]) => !(group === NEVER_STARTED && isOld))
    .map(([group, { leader, raftGroupMember }]) => [
      group,
      { leader: leader || undefined, peers: [...(raftGroupMember ?? [])].sort() },
    ]);
}

function isTwo(member: Member, version: string): boolean {
  return (member.extendInfo?.version ?? version).startsWith("2.");
}

export function raftAddress(host: string): string {
  return `${host}:${NACOS_PORTS.raft}`;
}

/**
 * What is wrong with a cluster that should have these hosts as members, by what one of its servers reports. Empty: nothing.
 *
 * @param joining hosts that may be peers already
 */
export function problems(
  seen: readonly Member[],
  hosts: readonly string[],
  version: string,
  joining: readonly string[] = [],
): string[] {
  return [...memberProblems(seen, hosts), ...raftProblems(seen, hosts, version, joining)];
}

/** The same, of the list of members alone: it has exactly these hosts, and all are up. */
export function memberProblems(seen: readonly Member[], hosts: readonly string[]): string[] {
  const found: string[] = [];
  const expected = hosts.map((host) => `${host}:${NACOS_PORTS.http}`).sort();
  const told = seen.map(({ address }) => address).sort();
  if (told.join() !== expected.join()) found.push(`the members are ${told.join(", ") || "none"}`);
  for (const { address, state } of seen) if (state !== "UP") found.push(`${address} is ${state}`);
  return found;
}

/** The same, of the Raft groups alone: each has exactly these peers, or those that are joining too, and one leader. */
export function raftProblems(
  seen: readonly Member[],
  hosts: readonly string[],
  version: string,
  joining: readonly string[] = [],
): string[] {
  const found: string[] = [];
  const needed = hosts.map(raftAddress);
  const allowed = [...hosts, ...joining].map(raftAddress);
  for (const member of seen) {
    const groups = groupsOf(member, version);
    if (groups.length === 0) found.push(`no Raft group of ${member.address} is known`);
    for (const [group, { peers }] of groups)
      if (needed.some((peer) => !peers.includes(peer)) || peers.some((peer) => !allowed.includes(peer)))
        found.push(`${group} has the peers ${peers.join(", ") || "none"}, says ${member.address}`);
  }
  for (const [group, names] of leaders(seen, version)) {
    // 3.x has a group that 2.x lacks. During an upgrade it has no leader until most servers have it.
    const having = seen.filter((member) => groupsOf(member, version).some(([name]) => name === group)).length;
    if (having <= hosts.length / 2) continue;
    if (names.size !== 1) found.push(`${group} is led by ${[...names].join(" and ") || "nobody"}`);
  }
  return found;
}

/**
 * The leaders of each group, as all members together name them. A server may name none although there is one, and even that
 * leader itself: 3.1 sometimes misses the election that follows its start.
 */
function leaders(seen: readonly Member[], version: string): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const member of seen)
    for (const [group, { leader }] of groupsOf(member, version)) {
      const names = all.get(group) ?? new Set();
      all.set(group, leader === undefined ? names : names.add(leader));
    }
  return all;
}

/**
 * The Raft groups of which a server that has started without data has heard nothing yet: neither a leader nor the peers, for which
 * it asks the leader. It may miss who leads, so either will do. As long as one of them has no leader of today, this server's vote
 * and that of another one without data would be enough for a leader without data. What the others name says nothing, because
 * they name the last leader also when it is gone; only which groups there are.
 */
export function groupsUnheardOf(self: Member, others: readonly Member[], version: string): string[] {
  const own = new Map(groupsOf(self, version));
  const names = new Set([self, ...others].flatMap((member) => groupsOf(member, version)).map(([group]) => group));
  // During an upgrade, members of 3.x have these.
  if (isTwo(self, version)) for (const group of [NEVER_STARTED, NEW_IN_THREE]) names.delete(group);
  return [...names].filter((name) => {
    const { leader, peers } = own.get(name) ?? { peers: [] };
    return leader === undefined && peers.length === 0;
  });
}

/** The groups that a host leads. */
export function ledBy(host: string, seen: readonly Member[], version: string): string[] {
  return [...leaders(seen, version)].filter(([, names]) => names.has(raftAddress(host))).map(([group]) => group);
}

/** The groups that still have a host as a peer, as any member says. */
export function groupsWith(host: string, seen: readonly Member[], version: string): string[] {
  const groups = seen.flatMap((member) =>
    groupsOf(member, version).filter(([, { peers }]) => peers.includes(raftAddress(host))),
  );
  return [...new Set(groups.map(([group]) => group))].sort();
}

/** All peers of any group, `host:port` of Raft, as any member says. */
export function peersOf(seen: readonly Member[], version: string): string[] {
  return [...new Set(seen.flatMap((member) => groupsOf(member, version).flatMap(([, { peers }]) => peers)))].sort();
}
