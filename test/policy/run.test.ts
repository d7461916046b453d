import assert from "node:assert/strict";
import { Run } from "../../policy-pack/lib/run";
import { linked, TODAY } from "./support";

const NAMESPACE = "kubernetes:core/v1:Namespace";

describe("the stack that the rules see", () => {
  it("has only what the program asked for, not what it reads, which Pulumi adds with --refresh", () => {
    const resources = linked([
      { type: NAMESPACE, name: "own", props: { metadata: { name: "own" } } },
      { type: NAMESPACE, name: "system", props: { metadata: { name: "kube-system" } } },
    ]);
    const run = new Run({}, TODAY);
    run.remember("own", { metadata: { name: "own" } });
    assert.deepEqual(
      run
        .stackOf(resources)
        .all("core/Namespace")
        .map(({ objectName }) => objectName),
      ["own"],
    );
  });
});
