import assert from "node:assert/strict";
import { evaluateNodes, type Node } from "../../../../../ops/diagnose/checks/nodes";
import { pod } from "../objects";

const node = (name: string, conditions: Record<string, string>, spec = {}): Node => ({
  metadata: { name },
  spec,
  status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status, message: "why" })) },
});

describe("the check of nodes", () => {
  const pods = [pod("nacos-0")];

  it("counts those that are ready, and names those that are cordoned", () => {
    const nodes = [node("node-a", { Ready: "True" }), node("node-b", { Ready: "True" }, { unschedulable: true })];
    assert.deepEqual(evaluateNodes(nodes, pods), { summary: "2 of 2 ready, cordoned: node-b", problems: [] });
  });

  it("watches one that is lost, if it runs pods of the stack, and escalates several", () => {
    const nodes = [node("node-a", { Ready: "Unknown" }), node("node-b", { Ready: "False" })];
    const verdicts = (used: typeof pods) => evaluateNodes(nodes, used).problems.map(({ verdict }) => verdict);
    assert.deepEqual(verdicts(pods), ["watch"]);
    assert.deepEqual(verdicts([...pods, pod("nacos-1", { spec: { nodeName: "node-b" } })]), ["escalate", "escalate"]);
    assert.deepEqual(verdicts([]), []);
    for (const phase of ["Succeeded", "Failed"])
      assert.deepEqual(verdicts([pod("mysql-backup-1", { status: { phase } })]), []);
  });

  it("watches one under pressure", () => {
    const { problems } = evaluateNodes([node("node-a", { Ready: "True", DiskPressure: "True" })], pods);
    assert.deepEqual(
      problems.map(({ verdict, reason }) => [verdict, reason]),
      [["watch", "node node-a has DiskPressure: why"]],
    );
  });
});
