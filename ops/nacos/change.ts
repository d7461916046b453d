import { isReady, lastEnd, troubleOf } from "../../clients/kubernetes/pod-trouble";
import { nextStep } from "../../runtime/nacos-members/steps";
import { groups, groupsWith, type Group } from "./groups";
import { said, type Look, type ServerLook } from "./look";

/** The servers that join with the next step, or the one that leaves with it. None leaves if all are stopped. */
export function changing({ recorded, servers }: Look): ServerLook[] {
  const { members, wanted } = recorded;
  if (wanted === members || wanted === 0) return [];
  const [from, to] = wanted > members ? [members, nextStep(recorded)] : [members - 1, members];
  return servers.filter(({ ordinal }) => ordinal >= from && ordinal < to);
}

/**
 * A growth or shrink that is under way: how far it is, who is next, and what that waits for since when.
 *
 * @param now in milliseconds since 1970
 */
export function changeUnderWay(look: Look, now: number): string | undefined {
  const { members, wanted } = look.recorded;
  const next = changing(look);
  if (next.length === 0) return undefined;
  const all = groups(look);
  const grows = wanted > members;
  const states = next.map((server) => `${server.name} ${grows ? joining(server, all) : leaving(server, all)}`);
  const since = next.map(grows ? begun : ended).filter((time) => time !== undefined);
  const waited = since.length === 0 ? "" : ` for ${duration(now - Math.min(...since))}`;
  return `the cluster ${grows ? "grows" : "shrinks"}: members ${members} of wanted ${wanted}. Next ${grows ? "to join" : "to leave"}${waited}: ${states.join(", ")}`;
}

/** Why the server in a pod does not run. */
export function whyNotRunning({ pod }: ServerLook): string {
  if (pod === undefined) return "has no pod";
  if (pod.metadata.deletionTimestamp !== undefined) return "does not run: its pod is ending";
  const reason = troubleOf(pod)?.text ?? lastEnd(pod);
  if (reason !== undefined) return `does not run: ${reason}`;
  return isHeldBack(pod)
    ? `is held back by its sidecar, whose log says why: kubectl logs ${pod.metadata.name} --container members`
    : `does not run: its pod is ${pod.status?.phase ?? "new"}`;
}

/** Milliseconds as a person says them. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}

/** Whether the sidecar runs, which lets the server start only when it may. */
function isHeldBack({ status }: NonNullable<ServerLook["pod"]>): boolean {
  return (
    status?.initContainerStatuses?.some(({ name, state }) => name === "members" && state?.running !== undefined) ===
    true
  );
}

function joining(server: ServerLook, all: readonly Group[]): string {
  if (server.answer === undefined) return whyNotRunning(server);
  if (typeof server.answer === "string") return `is not up yet (${server.answer})`;
  const missing = all.filter((group) => !groupsWith(server.name, [group]).length).map(({ name }) => name);
  if (missing.length > 0) return `is not yet a peer of ${missing.join(", ")}`;
  return server.pod !== undefined && isReady(server.pod) ? "is ready to be a member" : "is not ready";
}

function leaving(server: ServerLook, all: readonly Group[]): string {
  const still = groupsWith(server.name, all).map(({ name }) => name);
  const peer = still.length === 0 ? "is a peer of no Raft group" : `is still a peer of ${still.join(", ")}`;
  if (server.pod === undefined) return `${peer}, and its pod is gone: the sidecar of the first server removes it`;
  if (server.pod.metadata.deletionTimestamp === undefined) return `${peer}, and its pod is not ending yet`;
  return said(server) === undefined ? `${peer}, and does not answer` : peer;
}

function begun({ pod }: ServerLook): number | undefined {
  const time = pod?.metadata.creationTimestamp;
  return time === undefined ? undefined : Date.parse(time);
}

/** When the pod began to end: Kubernetes notes when it has to be gone. */
function ended({ pod }: ServerLook): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod?.metadata ?? {};
  return deletionTimestamp === undefined
    ? undefined
    : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
}
