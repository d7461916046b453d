import { isReady } from "../../../clients/kubernetes/pod-trouble";
import { said, type Look } from "../../nacos/look";
import { listProblems, podProblems, sizeProblems } from "../../nacos/problems";
import type { StatefulSet } from "../../../clients/kubernetes/rollout";
import { problem, type Check, type Found, type Problem } from "../check";
import { unendedRestore } from "./workloads";

const STATUS = "ops nacos status; docs/runbooks/nacos-status.md";

/** @param restore the problem of a restore in place that has stopped Nacos */
export function evaluateMembers(look: Look, now: number, restore: readonly Problem[] = []): Found {
  const { members, wanted } = look.recorded;
  const answering = look.servers.filter((server) => said(server) !== undefined);
  const versions = [...new Set(answering.flatMap((server) => said(server)?.self.extendInfo?.version ?? []))].sort();
  const summary = `${answering.length} of ${members} answer${versions.length === 0 ? "" : `, ${versions.join(" and ")}`}`;
  if (wanted === 0)
    return {
      summary,
      problems:
        restore.length > 0
          ? restore
          : [problem("escalate", "StatefulSet nacos wants 0 servers: Nacos is stopped", `pulumi up; ${STATUS}`)],
    };
  // If a pod is ready and its server is not reached from here, the way to it may be the reason.
  const silent = look.servers.filter(
    ({ pod, answer }) =>
      typeof answer === "string" && answer.includes("does not answer") && pod !== undefined && isReady(pod),
  );
  const wrong = podProblems({ ...look, servers: look.servers.filter((server) => !silent.includes(server)) });
  const isIncident = wrong.length > 1 || wrong.length >= members;
  const problems: Problem[] = [
    ...wrong.map((reason) =>
      problem(isIncident ? "escalate" : "watch", reason, `${STATUS}; docs/runbooks/incident-pod.md`),
    ),
    ...silent.map(({ answer }) => problem("unknown", `${answer as string}, and its pod is ready`, STATUS)),
    ...[...listProblems(look), ...sizeProblems(look, now)].map((reason) => problem("watch", reason, STATUS)),
    ...(versions.length > 1
      ? [
          problem(
            "watch",
            `the servers run ${versions.join(" and ")}: an update is running, or has stopped half-way`,
            "pulumi up; docs/runbooks/nacos-upgrade.md",
          ),
        ]
      : []),
  ];
  return { summary, problems };
}

export const members: Check = {
  name: "members",
  look: async (world) => {
    const [look, sets] = await Promise.all([
      world.nacos(),
      world.list<StatefulSet>("apps/v1", "statefulsets").catch(() => []),
    ]);
    return evaluateMembers(look, world.now, unendedRestore(sets));
  },
};
