import assert from "node:assert/strict";
import { evaluateQuotas } from "../../../../../ops/diagnose/checks/quota";

describe("the check of the quota", () => {
  it("watches what is used up, and not what may not exist at all", () => {
    const hard = { "requests.cpu": "2", "limits.memory": "3Gi", pods: "10", "services.nodeports": "0" };
    const of = (used: Record<string, string>) => evaluateQuotas([{ metadata: { name: "q" }, status: { hard, used } }]);
    const least = { "requests.cpu": "1500m", "limits.memory": "1024Mi", pods: "9", "services.nodeports": "0" };
    assert.deepEqual(of(least), { summary: "most used: q pods 90 %", problems: [] });
    assert.deepEqual(
      of({ ...least, "limits.memory": "3221225472" }).problems.map(({ verdict, reason }) => `${verdict} ${reason}`),
      ["watch quota q limits.memory is used up: 3221225472 of 3Gi, so no further pod can be created"],
    );
  });
});
