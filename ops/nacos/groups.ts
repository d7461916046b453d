import { groupsOf } from "../../runtime/nacos-members/health";
import { hostsOf, nameOf, ordinalOf, said, type Look, type ServerLook } from "./look";

/** A Raft group as one server knows it. */
export interface View {
  readonly server: string;
  /** Undefined if it knows no leader. */
  readonly leader: string | undefined;
  /** Sorted. */
  readonly peers: readonly string[];
}

/** A Raft group, as each server that answers knows it. Leader and peers are names of pods. */
export interface Group {
  readonly name: string;
  readonly views: readonly View[];
}

/** A peer of Raft groups that is no member, and has no pod that could come back. */
export interface Ghost {
  readonly name: string;
  readonly host: string;
  readonly groups: readonly string[];
}

/** All Raft groups. What a server says of others is left out: it may be old. */
export function groups(look: Look): Group[] {
  const views = new Map<string, View[]>();
  for (const server of look.servers)
    for (const [group, { leader, peers }] of viewsOf(server))
      views.set(group, [
        ...(views.get(group) ?? []),
        {
          server: server.name,
          leader: leader === undefined ? undefined : nameOf(leader, look.settings),
          peers: peers.map((peer) => nameOf(peer, look.settings)).sort(byNumber),
        },
      ]);
  return [...views].map(([name, of]) => ({ name, views: of })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The servers in whose view a group has most in common. Ties go to the first. */
export function commonView({ views }: Group): View {
  const same = (view: View): number =>
    views.filter((other) => other.leader === view.leader && other.peers.join() === view.peers.join()).length;
  return views.reduce((best, view) => (same(view) > same(best) ? view : best));
}

/**
 * The peers that are no members and have no pod. A pod that the StatefulSet wants may be on its way, so such a peer is none
 * of them.
 */
export function ghosts(look: Look): Ghost[] {
  const { recorded, servers, settings } = look;
  const real = new Set([
    ...hostsOf(look, Math.max(recorded.members, recorded.wanted)),
    ...servers.filter(({ pod }) => pod !== undefined).map(({ host }) => host),
  ]);
  const found = new Map<string, Set<string>>();
  for (const server of servers)
    for (const [group, { peers }] of viewsOf(server))
      for (const host of peers.map((peer) => peer.replace(/:\d+$/, "")))
        if (!real.has(host)) found.set(host, (found.get(host) ?? new Set()).add(group));
  return [...found]
    .map(([host, of]) => ({ name: nameOf(host, settings), host, groups: [...of].sort() }))
    .sort((a, b) => byNumber(a.name, b.name));
}

/** The groups that have a peer, as any server says. */
export function groupsWith(peer: string, all: readonly Group[]): Group[] {
  return all.filter(({ views }) => views.some(({ peers }) => peers.includes(peer)));
}

/** How many peers of a group answer, and how many there are. More than half have to for a change. */
export function quorum(group: Group, look: Look): { readonly answer: number; readonly peers: number } {
  const { peers } = commonView(group);
  const answering = new Set(look.servers.filter((server) => said(server) !== undefined).map(({ name }) => name));
  return { answer: peers.filter((peer) => answering.has(peer)).length, peers: peers.length };
}

/** Whether a name is that of a member. */
export function isMember(name: string, { recorded, settings }: Pick<Look, "recorded" | "settings">): boolean {
  return (ordinalOf(name, settings) ?? Infinity) < recorded.members;
}

function viewsOf(server: ServerLook): ReturnType<typeof groupsOf> {
  const self = said(server)?.self;
  return self === undefined ? [] : groupsOf(self, server.version);
}

/** nacos-2 comes before nacos-10. */
function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
