import assert from "node:assert/strict";
import { evaluateServices } from "../../../../../ops/diagnose/checks/services";

describe("the check of Services", () => {
  it("escalates one that leads to no pod that is ready", () => {
    const slice = (name: string, ...ready: boolean[]) => ({
      metadata: { labels: { "kubernetes.io/service-name": name } },
      endpoints: ready.map((one) => ({ conditions: { ready: one } })),
    });
    const services = ["nacos", "mysql", "external"].map((name) => ({
      metadata: { name },
      spec: name === "external" ? {} : { selector: {} },
    }));
    const slices = [slice("nacos", true, false), slice("nacos", true), { ...slice("mysql"), endpoints: null }];
    const { summary, problems } = evaluateServices(services, slices);
    assert.equal(summary, "nacos 2, mysql 0");
    assert.deepEqual(
      problems.map(({ verdict, reason }) => `${verdict} ${reason}`),
      ["escalate Service mysql leads to no pod that is ready"],
    );
  });
});
