import assert from "node:assert/strict";
import { clusterMetrics } from "../../../../runtime/nacos-members/cluster-metrics";

describe("The metrics of a Nacos cluster", () => {
  const up = (name: string, state = "UP") => ({ address: `${name}.n:8848`, state });
  const hosts = ["nacos-0.n", "nacos-1.n"];
  const counted = async (of: readonly string[], seen: object[] | Error, raft: string[]) => {
    const text = await clusterMetrics(
      of,
      { members: () => (seen instanceof Error ? Promise.reject(seen) : Promise.resolve(seen as never)) },
      { raftProblems: () => Promise.resolve(raft) },
    );
    return [...text.matchAll(/^nacos_platform_nacos_(\w+) (\d+)$/gm)].map(([, name, value]) => `${name} ${value}`);
  };

  it("are 0 if all members see each other, and the Raft groups are whole", async () => {
    const none = ["member_problems 0", "raft_problems 0"];
    assert.deepEqual(await counted(hosts, [up("nacos-0"), up("nacos-1")], []), none);
  });

  it("count what this server sees, and what Raft has", async () => {
    assert.deepEqual(await counted(hosts, [up("nacos-0"), up("nacos-1", "DOWN")], ["no leader", "a ghost"]), [
      "member_problems 1",
      "raft_problems 2",
    ]);
    assert.deepEqual(await counted(hosts, [up("nacos-0")], []), ["member_problems 1", "raft_problems 0"]);
    assert.deepEqual(await counted(hosts, new Error("refused"), []), ["member_problems 1", "raft_problems 0"]);
  });

  it("are 0 for a single server, which is not asked", async () => {
    assert.deepEqual(await counted(hosts.slice(1), new Error("asked"), ["asked"]), [
      "member_problems 0",
      "raft_problems 0",
    ]);
    assert.deepEqual(await counted([], new Error("asked"), ["asked"]), ["member_problems 0", "raft_problems 0"]);
  });
});
