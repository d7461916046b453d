import { groups, type Group } from "../../nacos/groups";
import type { Look } from "../../nacos/look";
import { leaderProblems, raftProblems } from "../../nacos/raft-problems";
import { problem, type Check, type Found } from "../check";

export function evaluateRaft(look: Look): Found {
  const all = groups(look);
  if (all.length === 0) throw new Error("no Nacos server says which Raft groups there are");
  // Without a leader or a majority a group accepts no change; peers that differ are to be fixed before the next failure.
  const isStuck = (group: Group) => leaderProblems(group, look).length > 0;
  const stuck = all.filter(isStuck).length;
  return {
    summary: `${all.length - stuck} of ${all.length} groups have one leader and a majority`,
    problems: raftProblems(look).map((reason) =>
      problem(stuck > 0 ? "escalate" : "watch", reason, "ops nacos status; docs/runbooks/nacos-status.md"),
    ),
  };
}

export const raft: Check = {
  name: "raft",
  look: async (world) => evaluateRaft(await world.nacos()),
};
