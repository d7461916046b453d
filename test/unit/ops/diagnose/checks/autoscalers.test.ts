import assert from "node:assert/strict";
import { evaluateAutoscalers } from "../../../../../ops/diagnose/checks/autoscalers";

describe("the check of autoscalers", () => {
  const autoscaler = (currentReplicas: number, active = "True") => ({
    metadata: { name: "nacos" },
    spec: { maxReplicas: 5 },
    status: { currentReplicas, conditions: [{ type: "ScalingActive", status: active, message: "no metrics" }] },
  });
  const said = (...given: ReturnType<typeof autoscaler>[]) =>
    evaluateAutoscalers(given).problems.map(({ verdict, reason }) => `${verdict} ${reason}`);

  it("finds nothing in a stack without, or below the maximum", () => {
    assert.deepEqual(evaluateAutoscalers([]), { summary: "none", problems: [] });
    assert.deepEqual(evaluateAutoscalers([autoscaler(3)]), { summary: "nacos 3 of at most 5", problems: [] });
  });

  it("watches one at its maximum, and one that does not act", () => {
    assert.match(said(autoscaler(5))[0], /^watch autoscaler nacos is at its maximum of 5/);
    assert.deepEqual(said(autoscaler(3, "False")), ["watch autoscaler nacos does not act: no metrics"]);
  });
});
