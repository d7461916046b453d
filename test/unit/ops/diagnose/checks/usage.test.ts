import assert from "node:assert/strict";
import { evaluateUsage } from "../../../../../ops/diagnose/checks/usage";
import { pod } from "../objects";

describe("the check of usage", () => {
  const limited = (name: string, container: string) =>
    pod(name, { spec: { containers: [{ name: container, resources: { limits: { memory: "100Mi" } } }] } });
  const sidecar = pod("s-1", {
    spec: { initContainers: [{ name: "members", resources: { limits: { memory: "100Mi" } } }] },
  });
  const measured = (name: string, container: string, memory: string) => ({
    metadata: { name },
    containers: [{ name: container, usage: { cpu: "1", memory } }],
  });

  it("watches a container near its memory limit, but those that are sized to it", () => {
    const { summary, problems } = evaluateUsage(
      [measured("c-1", "controller", "96Mi"), measured("nacos-0", "nacos", "99Mi"), measured("s-1", "members", "97Mi")],
      [limited("c-1", "controller"), limited("nacos-0", "nacos"), sidecar],
    );
    assert.equal(summary, "memory of the limit: nacos-0/nacos 99 %, s-1/members 97 %, c-1/controller 96 %");
    assert.deepEqual(
      problems.map(({ verdict, reason }) => [verdict, reason]),
      [
        ["watch", "container controller of c-1 uses 96 % of its memory limit 100Mi"],
        ["watch", "container members of s-1 uses 97 % of its memory limit 100Mi"],
      ],
    );
  });
});
