import { changing } from "./change";
import { commonView, ghosts, groups, groupsWith, isMember, quorum, type Group } from "./groups";
import { said, type Look } from "./look";

/** What is wrong with the Raft groups, as every server that answers knows them. The same of several groups is one line. */
export function raftProblems(look: Look): string[] {
  const all = groups(look);
  const found = new Map<string, string[]>();
  for (const group of all)
    for (const problem of [...leaderProblems(group, look), ...peerProblems(group, look), ...viewProblems(group, all)])
      found.set(problem, [...(found.get(problem) ?? []), group.name]);
  const unaware = look.servers.filter(
    (server) => isMember(server.name, look) && said(server) !== undefined && !knows(server.name, all),
  );
  return [
    ...[...found].map(
      ([text, of]) => `${of.length === all.length && of.length > 1 ? "every Raft group" : of.join(", ")} ${text}`,
    ),
    ...unaware.map(({ name }) => `${name} knows no Raft group`),
    ...ghosts(look).map(
      ({ name, groups: of }) =>
        `${name} is a ghost peer of ${of.join(", ")}: it is no member and has no pod. To remove it: ${repairCommand(look.stack, name)}`,
    ),
  ];
}

/** The command that removes a ghost peer. */
export function repairCommand(stack: string, peer: string): string {
  return `npm run ops -- nacos repair --stack ${stack} --peer ${peer}`;
}

/** A group that has no leader, two, or one that does not answer, and one without a majority. A server may name none: 3.1 sometimes misses an election. */
export function leaderProblems(group: Group, look: Look): string[] {
  const found: string[] = [];
  const viewers = (leader: string): string =>
    group.views
      .filter((view) => view.leader === leader)
      .map(({ server }) => server)
      .join(", ");
  const leaders = [...new Set(group.views.flatMap(({ leader }) => leader ?? []))].sort();
  if (leaders.length === 0) found.push("has no leader");
  if (leaders.length > 1)
    found.push(
      `has ${leaders.length} leaders: ${leaders.map((leader) => `${leader} in the view of ${viewers(leader)}`).join("; ")}`,
    );
  const answering = look.servers.filter((server) => said(server) !== undefined).map(({ name }) => name);
  for (const leader of leaders)
    if (!answering.includes(leader)) found.push(`has the leader ${leader}, which does not answer`);
  const { answer, peers } = quorum(group, look);
  if (answer <= peers / 2) found.push(`has no majority: ${answer} of ${peers} peers answer, so it accepts no change`);
  return found;
}

/** Members that are no peers, and peers with a pod that should not be any more. Ghosts are named for all groups together. */
export function peerProblems(group: Group, look: Look): string[] {
  const found: string[] = [];
  const isPeer = ({ name }: { readonly name: string }): boolean => groupsWith(name, [group]).length > 0;
  const missing = look.servers.filter((server) => isMember(server.name, look) && !isPeer(server));
  if (missing.length > 0) found.push(`lacks the member ${missing.map(({ name }) => name).join(", ")}`);
  const next = changing(look);
  const extra = look.servers.filter(
    (server) => isPeer(server) && !isMember(server.name, look) && !next.includes(server),
  );
  if (extra.length > 0)
    found.push(`still has the peer ${extra.map(({ name }) => name).join(", ")}, which is no member`);
  return found;
}

/** Servers that have other peers than most, or do not know the group. */
export function viewProblems(group: Group, all: readonly Group[]): string[] {
  const found: string[] = [];
  const { peers } = commonView(group);
  const other = group.views.filter((view) => view.peers.join() !== peers.join()).map(({ server }) => server);
  if (other.length > 0) found.push(`has other peers in the view of ${other.join(", ")}`);
  const servers = [...new Set(all.flatMap(({ views }) => views.map(({ server }) => server)))].sort();
  const unaware = servers.filter((server) => !knows(server, [group]));
  if (unaware.length > 0) found.push(`is not known to ${unaware.join(", ")}`);
  return found;
}

function knows(server: string, all: readonly Group[]): boolean {
  return all.some(({ views }) => views.some((view) => view.server === server));
}
