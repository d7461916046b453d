import { isReady } from "../../clients/kubernetes/pod-trouble";
import type { Counts } from "../../runtime/nacos-members/counts";
import { memberProblems } from "../../runtime/nacos-members/health";
import { listLength, nextStep } from "../../runtime/nacos-members/steps";
import { changeUnderWay, changing, whyNotRunning } from "./change";
import { raftProblems } from "./raft-problems";
import { hostsOf, named, said, type Look } from "./look";

/**
 * Everything that is wrong with a stack's Nacos, in plain words, the most urgent first. Empty: nothing.
 *
 * @param now in milliseconds since 1970
 */
export function problems(look: Look, now: number): string[] {
  // Nothing else is worth a word: no server is meant to run.
  if (look.recorded.wanted === 0) return ["StatefulSet nacos wants 0 servers: Nacos is stopped"];
  return [
    ...podProblems(look),
    ...raftProblems(look),
    ...listProblems(look),
    ...countProblems(look),
    ...sizeProblems(look, now),
  ];
}

/** Members that do not run, do not answer or are not ready, and pods that are too many: one text for each server. */
export function podProblems(look: Look): string[] {
  const { members, wanted } = look.recorded;
  const next = changing(look);
  return look.servers.flatMap((server) => {
    const { name, ordinal, pod, answer } = server;
    if (next.includes(server) || (ordinal >= members && ordinal < wanted)) return [];
    if (ordinal >= members) return [`${name} is no member, and its pod still exists`];
    if (answer === undefined) return [`${name} ${whyNotRunning(server)}`];
    if (typeof answer === "string") return [answer];
    const found = [
      ...(pod !== undefined && isReady(pod) ? [] : [`${name} is not ready`]),
      ...(typeof answer.counts === "string" ? [`the counts of ${name} are not known: ${answer.counts}`] : []),
    ];
    return found.length === 0 ? [] : [found.join(", and ")];
  });
}

/** Servers whose list of members is not what it should be, or that see a member that is not up. */
export function listProblems(look: Look): string[] {
  const { recorded, settings, servers } = look;
  const found = new Map<string, string[]>();
  for (const server of servers) {
    const answer = said(server);
    if (answer === undefined) continue;
    const length = listLength(server.ordinal, recorded) ?? nextStep(recorded);
    for (const problem of memberProblems(answer.seen, hostsOf(look, length))) {
      const text = named(problem, settings);
      found.set(text, [...(found.get(text) ?? []), server.name]);
    }
  }
  return [...found].map(([text, names]) => `by the list of ${names.join(", ")}, ${text}`);
}

/** What has to be the same at every server, and is not. */
export function countProblems(look: Look): string[] {
  return [
    ...differences(look, "configurations", "configurations"),
    ...differences(look, "persistent", "persistent instances"),
  ];
}

/** A number that differs between the servers, by more than a share of the largest. */
export function differences({ servers }: Look, key: keyof Counts, what: string, share = 0): string[] {
  const numbers = servers.flatMap((server) => {
    const counts = said(server)?.counts;
    const count = typeof counts === "object" ? counts[key] : undefined;
    return count === undefined ? [] : [{ name: server.name, count }];
  });
  const all = numbers.map(({ count }) => count);
  if (Math.max(...all) - Math.min(...all) <= share * Math.max(...all) || all.length === 0) return [];
  return [
    `the servers have different numbers of ${what}: ${numbers.map(({ name, count }) => `${name} ${count}`).join(", ")}`,
  ];
}

/** The number of members: one that is changing, is even, or has never worked together. */
export function sizeProblems(look: Look, now: number): string[] {
  const { members, wanted, formed } = look.recorded;
  const change = changeUnderWay(look, now);
  return [
    ...(change === undefined ? [] : [change]),
    ...(formed || members === 1 ? [] : [`the ${members} members have not formed a cluster yet`]),
    ...(wanted % 2 === 1
      ? []
      : [`${wanted} is an even number of members: ${wanted - 1} would survive as many failures`]),
  ];
}
