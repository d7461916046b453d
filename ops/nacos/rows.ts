import { isReady } from "../../clients/kubernetes/pod-trouble";
import type { Counts } from "../../runtime/nacos-members/counts";
import { commonView, type Group, type View } from "./groups";
import { nameOf, ordinalOf, said, type Look, type ServerLook } from "./look";

const SERVER_HEAD = [
  "SERVER",
  "READY",
  "RESTARTS",
  "NODE",
  "VERSION",
  "SEES",
  "CONNECTIONS",
  "CONFIGURATIONS",
  "SERVICES",
  "INSTANCES",
  "PERSISTENT",
];
const GROUP_HEAD = ["RAFT GROUP", "LEADER", "PEERS", "DIFFERENT AT"];

/** One row per server: its pod, the members that it sees, and how much it has. */
export function serverRows(look: Look): string[][] {
  return [SERVER_HEAD, ...look.servers.map((server) => serverRow(server, look))];
}

/** One row per Raft group: what most servers know of it, and which servers know something else. */
export function groupRows(groups: readonly Group[], settings: Look["settings"]): string[][] {
  const short = (name: string): string => String(ordinalOf(name, settings) ?? name);
  return [
    GROUP_HEAD,
    ...groups.map((group) => {
      const common = commonView(group);
      const others = group.views.filter(
        ({ leader, peers }) => leader !== common.leader || peers.join() !== common.peers.join(),
      );
      return [group.name, common.leader ?? "none", common.peers.map(short).join(" "), others.map(told).join("; ")];
    }),
  ];

  function told({ server, leader, peers }: View): string {
    return `${server}: ${leader ?? "none"}, ${peers.map(short).join(" ") || "no peers"}`;
  }
}

function serverRow(server: ServerLook, { settings }: Look): string[] {
  const { name, pod } = server;
  const answer = said(server);
  const sees = (answer?.seen ?? [])
    .map(({ address }) => nameOf(address, settings))
    .map((member) => String(ordinalOf(member, settings) ?? member));
  return [
    name,
    pod === undefined ? "no pod" : isReady(pod) ? "yes" : "no",
    pod === undefined ? "" : String(restarts(pod)),
    pod?.spec?.nodeName ?? "",
    answer?.self.extendInfo?.version ?? "",
    sees.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).join(" "),
    ...counts(answer?.counts),
  ];
}

function restarts({ status }: NonNullable<ServerLook["pod"]>): number {
  return (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function counts(known: Counts | string | undefined): string[] {
  const { connections, configurations, services, instances, persistent } =
    typeof known === "object" ? known : ({} as Partial<Counts>);
  return [connections, configurations, services, instances, persistent].map((count) =>
    known === undefined ? "" : String(count ?? "?"),
  );
}
