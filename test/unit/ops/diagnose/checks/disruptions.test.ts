import assert from "node:assert/strict";
import { evaluateBudgets } from "../../../../../ops/diagnose/checks/disruptions";

describe("the check of disruption budgets", () => {
  const said = (disruptionsAllowed: number, currentHealthy: number, expectedPods = 3) =>
    evaluateBudgets([
      { metadata: { name: "nacos" }, status: { disruptionsAllowed, currentHealthy, desiredHealthy: 2, expectedPods } },
    ]).problems.map(({ verdict, reason }) => `${verdict} ${reason}`);

  it("finds nothing if a disruption is allowed, or no pod is meant to run", () => {
    assert.deepEqual(said(1, 3), []);
    assert.deepEqual(said(0, 0, 0), []);
  });

  it("watches one that allows none, and escalates one that is violated", () => {
    assert.deepEqual(said(0, 2), [
      "watch disruption budget nacos allows no disruption: 2 of 3 pods are healthy. Drain no node",
    ]);
    assert.match(said(0, 1)[0], /^escalate disruption budget nacos is violated/);
  });
});
